"""IAM Identity Center: signing in by authorization code with PKCE, or by device code where no browser is likely.

The tokens go into the AWS CLI's own cache (`awsenv.sso.tokens`). The command layer shows what the user has to see.
"""
