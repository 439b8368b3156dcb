"""Makes `response.xml` and `metadata.xml` with the public test key of `saml-sp`; needs `openssl`.

What is signed is written in its canonical form, so that no canonicalizer is needed.
"""

import base64
import hashlib
import pathlib
import subprocess

HERE = pathlib.Path(__file__).parent
KEYS = HERE / "../../../saml-sp/tests/vectors"
OURS = "https://auth.example.com/saml/0190ab00-0000-7000-8000-000000000001"
IDP = "https://idp.example/metadata"
SAML = "urn:oasis:names:tc:SAML:2.0"
DS = "http://www.w3.org/2000/09/xmldsig#"
C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
NOW, END = "2027-01-15T08:00:00Z", "2027-01-15T08:05:00Z"


def b64(data):
    return base64.b64encode(data).decode()


def attribute(name, value):
    return (
        f'<saml:Attribute Name="{name}"><saml:AttributeValue>{value}</saml:AttributeValue>'
        "</saml:Attribute>"
    )


issuer = f"<saml:Issuer>{IDP}</saml:Issuer>"
begin = (
    f'<saml:Assertion xmlns:saml="{SAML}:assertion" ID="_a" IssueInstant="{NOW}" Version="2.0">'
    f"{issuer}"
)
rest = (
    "<saml:Subject><saml:NameID>ann@example.com</saml:NameID>"
    f'<saml:SubjectConfirmation Method="{SAML}:cm:bearer">'
    f'<saml:SubjectConfirmationData NotOnOrAfter="{END}" Recipient="{OURS}/acs">'
    "</saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject>"
    f'<saml:Conditions NotBefore="{NOW}" NotOnOrAfter="{END}"><saml:AudienceRestriction>'
    f"<saml:Audience>{OURS}/metadata</saml:Audience></saml:AudienceRestriction></saml:Conditions>"
    f'<saml:AuthnStatement AuthnInstant="{NOW}"><saml:AuthnContext><saml:AuthnContextClassRef>'
    f"{SAML}:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext>"
    "</saml:AuthnStatement><saml:AttributeStatement>"
    f'{attribute("groups", "devs")}{attribute("mail", "bob@example.com")}'
    "</saml:AttributeStatement></saml:Assertion>"
)
digest = b64(hashlib.sha256((begin + rest).encode()).digest())
signed_info = (
    f'<ds:SignedInfo xmlns:ds="{DS}"><ds:CanonicalizationMethod Algorithm="{C14N}">'
    "</ds:CanonicalizationMethod>"
    '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256">'
    '</ds:SignatureMethod><ds:Reference URI="#_a"><ds:Transforms>'
    f'<ds:Transform Algorithm="{DS}enveloped-signature"></ds:Transform>'
    f'<ds:Transform Algorithm="{C14N}"></ds:Transform></ds:Transforms>'
    '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod>'
    f"<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
)
sign = ["openssl", "dgst", "-sha256", "-sign", KEYS / "idp.key.pem"]
value = b64(subprocess.run(sign, input=signed_info.encode(), capture_output=True, check=True).stdout)
signature = (
    f'<ds:Signature xmlns:ds="{DS}">{signed_info}<ds:SignatureValue>{value}</ds:SignatureValue>'
    "</ds:Signature>"
)
response = (
    f'<samlp:Response xmlns:samlp="{SAML}:protocol" xmlns:saml="{SAML}:assertion" ID="_r"'
    f' Version="2.0" IssueInstant="{NOW}" Destination="{OURS}/acs">{issuer}<samlp:Status>'
    f'<samlp:StatusCode Value="{SAML}:status:Success"/></samlp:Status>'
    f"{begin}{signature}{rest}</samlp:Response>"
)
pem = (KEYS / "idp.cert.pem").read_text().splitlines()
certificate = "".join(line for line in pem if not line.startswith("-----"))
metadata = (
    f'<md:EntityDescriptor xmlns:md="{SAML}:metadata" entityID="{IDP}">'
    f'<md:IDPSSODescriptor protocolSupportEnumeration="{SAML}:protocol">'
    f'<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="{DS}"><ds:X509Data>'
    f"<ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
    f'</md:KeyDescriptor><md:SingleSignOnService Binding="{SAML}:bindings:HTTP-Redirect"'
    ' Location="https://idp.example/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>'
)
(HERE / "response.xml").write_text(response)
(HERE / "metadata.xml").write_text(metadata)
