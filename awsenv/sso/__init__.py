"""IAM Identity Center: sign-in by authorization code with PKCE, or by device code if no browser is likely; sign-out.

The tokens go into the AWS CLI's own cache (`awsenv.sso.tokens`). The command layer shows what the user has to see.
"""
