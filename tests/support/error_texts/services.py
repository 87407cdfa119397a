"""Answers of AWS itself: XML, JSON, without a body, in other languages; errors of TLS and of the clock."""

from __future__ import annotations

from support.error_texts.text import ErrorText, from_source

__all__ = ["TEXTS"]

STS_ERRORS = "https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html"
S3_ERRORS = "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"

ANSWERS = from_source(
    "AWS API", "", "",
    [
        ("expired", "https://github.com/cfn-sphere/cfn-sphere/issues/55", '''
            AWS API Error: BotoServerError: 403 Forbidden
            <ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
              <Error>
                <Type>Sender</Type>
                <Code>ExpiredToken</Code>
                <Message>The security token included in the request is expired</Message>
              </Error>
              <RequestId>689b4496-ca92-11e5-9a31-4932678efe5c</RequestId>
            </ErrorResponse>
        '''),
        ("expired", S3_ERRORS, '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message><Token-0>EXAMPLE</Token-0><RequestId>PJ504JFXJXCCR8N5</RequestId><HostId>EXAMPLE</HostId></Error>'),
        ("expired", STS_ERRORS, '{"message":"The security token included in the request is expired"}'),
        ("expired", STS_ERRORS, '{"__type":"com.amazon.coral.service#ExpiredTokenException","message":"The security token included in the request is expired"}'),
        ("unknown-key", STS_ERRORS, '{"__type":"com.amazon.coral.service#UnrecognizedClientException","message":"The security token included in the request is invalid."}'),
        ("unknown-key", S3_ERRORS, "<Error><Code>InvalidAccessKeyId</Code><Message>The AWS Access Key Id you provided does not exist in our records.</Message><AWSAccessKeyId>AKIAIOSFODNN7EXAMPLE</AWSAccessKeyId><RequestId>PJ504JFXJXCCR8N5</RequestId></Error>"),
        ("wrong-secret", S3_ERRORS, "<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided. Check your key and signing method.</Message><AWSAccessKeyId>AKIAIOSFODNN7EXAMPLE</AWSAccessKeyId></Error>"),
        ("presigned-url-expired", S3_ERRORS, "<Error><Code>AccessDenied</Code><Message>Request has expired</Message><X-Amz-Expires>3600</X-Amz-Expires><Expires>2026-11-26T10:15:00Z</Expires><ServerTime>2026-11-26T11:20:00Z</ServerTime></Error>"),
        ("signature-region", "https://github.com/TTLabs/EvaporateJS/issues/364", "AuthorizationHeaderMalformed, Message:The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-central-1'"),
        ("signature-region", "https://github.com/JuliaCloud/AWS.jl/issues/565", "ERROR: AWS.AWSExceptions.AWSException: SignatureDoesNotMatch -- Credential should be scoped to a valid region, not 'us-east-2'."),
        ("header-value", "https://github.com/anomalizer/ngx_aws_auth/issues/30", '<Error><Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is malformed; the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".</Message><RequestId>59D3A159DA4C78A6</RequestId></Error>'),
        ("no-signature", S3_ERRORS, '{"Message":"User: anonymous is not authorized to perform: es:ESHttpGet because no resource-based policy allows the es:ESHttpGet action"}'),
        ("no-signature", STS_ERRORS, "<ErrorResponse><Error><Type>Sender</Type><Code>MissingAuthenticationToken</Code><Message>Request is missing Authentication Token</Message></Error></ErrorResponse>"),
        ("web-identity-expired", "https://github.com/mozilla-iam/mozilla-aws-cli/issues/146", '''
            <ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
              <Error>
                <Type>Sender</Type>
                <Code>ExpiredTokenException</Code>
                <Message>Token too old: 441398</Message>
              </Error>
              <RequestId>1fd1964b-1544-11ea-ba37-99c3c1dede42</RequestId>
            </ErrorResponse>
        '''),
        ("web-identity-refused", "https://github.com/aws/amazon-eks-pod-identity-webhook/issues/232", '''
            <ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
              <Error>
                <Type>Sender</Type>
                <Code>InvalidIdentityToken</Code>
                <Message>Incorrect token audience</Message>
              </Error>
              <RequestId>b214072d-5c22-46e6-a6bd-b6a28c08a7f2</RequestId>
            </ErrorResponse>
        '''),
        ("sso-signed-out", "https://github.com/synfinatic/aws-sso-cli/issues/279", '{"message":"Session token not found or invalid","__type":"com.amazonaws.switchboard.portal#UnauthorizedException"}'),
        ("head-bad-request", "https://github.com/paws-r/paws/issues/896", "An error occurred when calling the HeadBucket operation: Bad Request"),
        ("throttled", STS_ERRORS, '{"__type":"ThrottlingException","message":"Rate exceeded"}'),
    ],
)  # fmt: skip

LANGUAGES = from_source(
    "AWS documentation", "", "",
    [
        ("expired", "https://repost.aws/ja/knowledge-center/sts-iam-token-expired", "リクエストに含まれるセキュリティトークンの有効期限が切れています"),
        ("expired", "https://aws.amazon.com/jp/premiumsupport/knowledge-center/sts-iam-token-expired/", "「The security token included in the request is expired.」(リクエストに含まれているセキュリティトークンが失効しています。)"),
        ("expired", "https://aws.amazon.com/jp/premiumsupport/knowledge-center/sts-iam-token-expired/", "リクエストに含まれているセキュリティトークンが失効しています。"),
        ("expired", "https://aws.amazon.com/jp/premiumsupport/knowledge-center/security-token-expired/", "エラー: リクエストに含まれているセキュリティトークンの有効期限が切れています"),
        ("expired", "https://aws.amazon.com/jp/premiumsupport/knowledge-center/security-token-expired/", "com.amazonaws.AmazonServiceException: リクエストに含まれているセキュリティトークンが無効です (Service: AmazonSQS; Status Code: 403; Error Code: ExpiredToken; Request ID: 12a345b6-78cd-901e-fg23-45hi67890jkl)"),
        ("unknown-key", "https://repost.aws/ja/knowledge-center/dynamodb-security-token-error", "リクエストに含まれるセキュリティトークンが無効です"),
        ("expired", "https://repost.aws/ko/knowledge-center/sts-iam-token-expired", "요청에 포함된 보안 토큰이 만료되었습니다."),
        ("expired", "https://repost.aws/zh-Hans/knowledge-center/sts-iam-token-expired", "请求中包含的安全令牌已过期。"),
        ("expired", "https://repost.aws/zh-Hant/knowledge-center/sts-iam-token-expired", "請求中包含的安全權杖已過期"),
        ("expired", "https://aws.amazon.com/tw/premiumsupport/knowledge-center/sts-iam-token-expired/", "請求中包含的安全字符已過期。"),
        ("expired", "https://repost.aws/de/knowledge-center/sts-iam-token-expired", "Das in der Anfrage enthaltene Sicherheitstoken ist abgelaufen"),
        ("expired", "https://aws.amazon.com/de/premiumsupport/knowledge-center/ec2-expired-token/", "com.amazonaws.AmazonServiceException: Das in der Anforderung enthaltene Sicherheitstoken ist abgelaufen (Service: AmazonSQS; Statuscode: 403; Anforderungs-ID: 12a345b6-78cd-901e-fg23-45hi67890jkl)"),
        ("expired", "https://aws.amazon.com/es/premiumsupport/knowledge-center/ec2-expired-token/", "El token de seguridad incluido en la solicitud ha caducado"),
        ("expired", "https://repost.aws/fr/knowledge-center/sts-iam-token-expired", "Le jeton de sécurité inclus dans la demande a expiré."),
        ("expired", "https://repost.aws/it/knowledge-center/sts-iam-token-expired", "Il token di sicurezza incluso nella richiesta è scaduto"),
        ("expired", "https://aws.amazon.com/pt/premiumsupport/knowledge-center/sts-iam-token-expired/", "O token de segurança incluído na solicitação expirou"),
    ],
)  # fmt: skip

TLS = from_source(
    "TLS", "", "",
    [
        ("certificate-time", "golang/go src/crypto/x509/verify.go", 'Post "https://sts.eu-west-1.amazonaws.com/": x509: certificate has expired or is not yet valid: current time 2019-01-01T00:00:12Z is before 2026-01-15T00:00:00Z'),
        ("certificate-time", "golang/go src/crypto/x509/verify.go", 'operation error STS: GetCallerIdentity, exceeded maximum number of attempts, 3, https response error StatusCode: 0, RequestID: , request send failed, Post "https://sts.eu-west-1.amazonaws.com/": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2031-02-03T04:05:06Z is after 2027-02-14T23:59:59Z'),
        ("certificate-time", "golang/go src/crypto/x509/verify.go", 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2019-01-01T00:00:12Z is before 2026-01-15T00:00:00Z'),
        ("certificate-time", "python/cpython Modules/_ssl.c", "SSL validation failed for https://sts.amazonaws.com/ [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate is not yet valid (_ssl.c:1006)"),
        ("certificate-time", "python/cpython Modules/_ssl.c", "botocore.exceptions.SSLError: SSL validation failed for https://s3.eu-west-1.amazonaws.com/ [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:1129)"),
        ("certificate-time", "nodejs/node src/crypto/crypto_common.cc", "Error: certificate is not yet valid\n    at TLSSocket.onConnectSecure (node:_tls_wrap:1679:34) {\n  code: 'CERT_NOT_YET_VALID',\n  '$metadata': { attempts: 1, totalRetryDelay: 0 }\n}"),
        ("certificate-time", "curl/curl lib/vtls/openssl.c", "fatal: unable to access 'https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/example/': SSL certificate problem: certificate is not yet valid"),
        ("certificate-time", "openjdk/jdk src/java.base/share/classes/sun/security/provider/certpath/BasicChecker.java", "software.amazon.awssdk.core.exception.SdkClientException: Unable to execute HTTP request: PKIX path validation failed: java.security.cert.CertPathValidatorException: validity check failed"),
        ("unreachable", "https://github.com/aws/aws-cli/issues/5872", "urllib3.exceptions.SSLError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:1091)\n\nDuring handling of the above exception, another exception occurred:\n\nbotocore.exceptions.SSLError: SSL validation failed for https://sts.amazonaws.com/ [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:1091)"),
        ("unreachable", "https://github.com/Versent/saml2aws/issues/1340", 'Error logging into AWS role using SAML assertion.: Error retrieving STS credentials using SAML.: RequestError: send request failed\ncaused by: Post "https://sts.amazonaws.com/": x509: certificate signed by unknown authority'),
        ("unreachable", "golang/go src/crypto/x509/verify.go", 'Get "https://oidc.eu-west-1.amazonaws.com/": tls: failed to verify certificate: x509: certificate is valid for *.example.com, not oidc.eu-west-1.amazonaws.com'),
        ("unreachable", "nodejs/node lib/_tls_wrap.js", "Error: self-signed certificate in certificate chain\n    at TLSSocket.onConnectSecure (node:_tls_wrap:1659:34) {\n  code: 'SELF_SIGNED_CERT_IN_CHAIN',\n  '$metadata': { attempts: 1, totalRetryDelay: 0 }\n}"),
        ("unreachable", "openjdk/jdk src/java.base/share/classes/sun/security/validator/PKIXValidator.java", "com.amazonaws.SdkClientException: Unable to execute HTTP request: PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target"),
        ("unreachable", "golang/go src/net/net.go", 'RequestError: send request failed\ncaused by: Post "https://sts.eu-west-1.amazonaws.com/": dial tcp: lookup sts.eu-west-1.amazonaws.com on 127.0.0.53:53: no such host'),
        ("unreachable", "nodejs/node lib/dns.js", "Error: getaddrinfo ENOTFOUND sts.eu-west1.amazonaws.com\n    at GetAddrInfoReqWrap.onlookup [as oncomplete] (node:dns:107:26) {\n  errno: -3008,\n  code: 'ENOTFOUND',\n  syscall: 'getaddrinfo',\n  hostname: 'sts.eu-west1.amazonaws.com'\n}"),
        ("unreachable", "openjdk/jdk src/java.base/share/classes/java/net/InetAddress.java", "software.amazon.awssdk.core.exception.SdkClientException: Received an UnknownHostException when attempting to interact with a service. See cause for the exact endpoint that is failing to resolve."),
        ("clock", "https://github.com/mhart/aws4fetch/issues/73", '{\n    "message": "Signature expired: 20241008T195522Z is now earlier than 20241008T195940Z (20241008T200440Z - 5 min.)"\n}'),
        ("clock", STS_ERRORS, "Signature not yet current: 20261126T183538Z is still later than 20261126T182038Z (20261126T181538Z + 5 min.)"),
        ("clock", S3_ERRORS, "<Error><Code>RequestTimeTooSkewed</Code><Message>The difference between the request time and the current time is too large.</Message><RequestTime>20261126T095959Z</RequestTime><ServerTime>2026-11-26T10:20:16Z</ServerTime><MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds></Error>"),
    ],
)  # fmt: skip

TEXTS: list[ErrorText] = [*ANSWERS, *LANGUAGES, *TLS]
