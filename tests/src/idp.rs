//! An identity provider in this process, with the public test keys of `saml-sp`; and a browser that signs in with it.

use std::collections::BTreeMap;

use auth_model::{Clock, OrgId, OsRandomness, Randomness, SystemClock, Timestamp};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bergshamra_dsig::{DsigContext, sign};
use bergshamra_keys::{KeysManager, loader};
use reqwest::{Method, Url, header::SET_COOKIE};

use crate::{Answer, Auth, Client};

/// A key of an identity provider's, with its certificate.
#[derive(Clone, Copy, Debug)]
pub struct IdpKey {
    private: &'static str,
    certificate: &'static str,
}

macro_rules! key {
    ($name:literal) => {
        IdpKey {
            private: include_str!(concat!(
                "../../crates/saml-sp/tests/vectors/",
                $name,
                ".key.pem"
            )),
            certificate: include_str!(concat!(
                "../../crates/saml-sp/tests/vectors/",
                $name,
                ".cert.pem"
            )),
        }
    };
}

impl IdpKey {
    /// The one that the provider signs with.
    pub const IDP: Self = key!("idp");
    /// The one that it changes to.
    pub const NEXT: Self = key!("next");
    /// Somebody else's.
    pub const ATTACKER: Self = key!("attacker");
}

/// The name of the identity provider of most tests.
pub const IDP: &str = "https://idp.example/metadata";

/// Metadata of an identity provider of this name, with these certificates.
pub fn idp_metadata(entity_id: &str, keys: &[IdpKey]) -> String {
    let certificates: String = keys
        .iter()
        .map(|key| {
            let body: String =
                key.certificate.lines().filter(|line| !line.starts_with("-----")).collect();
            format!(
                "<md:KeyDescriptor use=\"signing\"><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data>\
                 <ds:X509Certificate>{body}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
            )
        })
        .collect();
    format!(
        "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"{entity_id}\">\
         <md:IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">{certificates}\
         <md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" Location=\"https://idp.example/sso\"/>\
         </md:IDPSSODescriptor></md:EntityDescriptor>"
    )
}

/// What an identity provider says of somebody.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Who says it.
    pub issuer: String,
    /// To whom: what our names and addresses begin with.
    pub public_url: String,
    /// Of which organization.
    pub org: OrgId,
    /// In answer to which request.
    pub in_response_to: Option<String>,
    /// Of whom.
    pub name_id: String,
    /// Names with values.
    pub attributes: Vec<(String, String)>,
    /// The assertion's id.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// When the identity provider's session ends.
    pub session_ends: Option<Timestamp>,
    /// With which key.
    pub key: IdpKey,
}

impl Claim {
    /// Of somebody of this e-mail address and these groups, now.
    pub fn of(org: OrgId, public_url: &str, email: &str, groups: &[&str]) -> Self {
        let mut random = [0; 16];
        OsRandomness.fill(&mut random).unwrap();
        let groups = groups.iter().map(|group| ("groups".to_owned(), (*group).to_owned()));
        Self {
            issuer: IDP.to_owned(),
            public_url: public_url.to_owned(),
            org,
            in_response_to: None,
            name_id: email.to_owned(),
            attributes: groups.collect(),
            id: format!("_{:032x}", u128::from_be_bytes(random)),
            at: SystemClock.now(),
            session_ends: None,
            key: IdpKey::IDP,
        }
    }

    /// The same with one more attribute.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.attributes.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The form field `SAMLResponse`: the response, its assertion signed.
    pub fn signed(&self) -> String {
        STANDARD.encode(self.sign(&self.xml(&template(&self.id))))
    }

    /// The same without a signature.
    pub fn unsigned(&self) -> String {
        STANDARD.encode(self.xml(""))
    }

    fn sign(&self, xml: &str) -> String {
        let mut keys = KeysManager::new();
        keys.add_key(loader::load_pem_auto(self.key.private.as_bytes(), None).unwrap());
        sign::sign(&DsigContext::new(keys), xml).unwrap()
    }

    fn xml(&self, signature: &str) -> String {
        let Self { issuer, public_url, org, name_id, id, .. } = self;
        let acs = format!("{public_url}/saml/{org}/acs");
        let (now, end) =
            (instant(self.at), instant(self.at.plus(std::time::Duration::from_secs(300))));
        let reply = match &self.in_response_to {
            Some(request) => format!(" InResponseTo=\"{request}\""),
            None => String::new(),
        };
        let session = match self.session_ends {
            Some(end) => format!(" SessionNotOnOrAfter=\"{}\"", instant(end)),
            None => String::new(),
        };
        let mut gathered: BTreeMap<&str, String> = BTreeMap::new();
        for (name, value) in &self.attributes {
            let values = gathered.entry(name).or_default();
            values.push_str(&format!("<saml:AttributeValue>{value}</saml:AttributeValue>"));
        }
        let attributes: String = gathered
            .iter()
            .map(|(name, values)| {
                format!("<saml:Attribute Name=\"{name}\">{values}</saml:Attribute>")
            })
            .collect();
        let statement = match attributes.is_empty() {
            true => String::new(),
            false => format!("<saml:AttributeStatement>{attributes}</saml:AttributeStatement>"),
        };
        format!(
            "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" \
             ID=\"r{id}\" Version=\"2.0\" IssueInstant=\"{now}\" Destination=\"{acs}\"{reply}><saml:Issuer>{issuer}</saml:Issuer>\
             <samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>\
             <saml:Assertion ID=\"{id}\" Version=\"2.0\" IssueInstant=\"{now}\"><saml:Issuer>{issuer}</saml:Issuer>{signature}\
             <saml:Subject><saml:NameID>{name_id}</saml:NameID>\
             <saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\">\
             <saml:SubjectConfirmationData NotOnOrAfter=\"{end}\" Recipient=\"{acs}\"{reply}/></saml:SubjectConfirmation></saml:Subject>\
             <saml:Conditions NotBefore=\"{now}\" NotOnOrAfter=\"{end}\"><saml:AudienceRestriction>\
             <saml:Audience>{public_url}/saml/{org}/metadata</saml:Audience></saml:AudienceRestriction></saml:Conditions>\
             <saml:AuthnStatement AuthnInstant=\"{now}\"{session}><saml:AuthnContext><saml:AuthnContextClassRef>\
             urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>\
             {statement}</saml:Assertion></samlp:Response>"
        )
    }
}

fn template(id: &str) -> String {
    format!(
        "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo>\
         <ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>\
         <ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"/>\
         <ds:Reference URI=\"#{id}\"><ds:Transforms>\
         <ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>\
         <ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/></ds:Transforms>\
         <ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>\
         <ds:DigestValue></ds:DigestValue></ds:Reference></ds:SignedInfo><ds:SignatureValue></ds:SignatureValue>\
         </ds:Signature>"
    )
}

fn instant(at: Timestamp) -> String {
    jsonapi_model::time::zulu_micros(at.unix_micros())
}

/// The id of a request, from the query's `SAMLRequest`.
pub fn request_id(parameter: &str) -> String {
    let deflated = STANDARD.decode(parameter).unwrap();
    let xml = miniz_oxide::inflate::decompress_to_vec(&deflated).unwrap();
    let xml = String::from_utf8(xml).unwrap();
    xml.split(" ID=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// A browser: follows nothing by itself, and keeps cookies.
#[derive(Clone, Debug)]
pub struct Browser {
    client: Client,
    /// The cookies that it holds.
    pub cookies: BTreeMap<String, String>,
}

/// A sign-in that a browser has begun.
#[derive(Clone, Debug)]
pub struct Begun {
    /// The handle to bring back.
    pub relay_state: String,
    /// The id of the request.
    pub request_id: String,
}

impl Browser {
    /// Without cookies.
    pub fn new(client: &Client) -> Self {
        Self { client: client.clone(), cookies: BTreeMap::new() }
    }

    /// The same browser at another server.
    pub fn at(&self, client: &Client) -> Self {
        Self { client: client.clone(), cookies: self.cookies.clone() }
    }

    /// Sends a request with the cookies, and keeps those of the answer.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        change: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder,
    ) -> Answer {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = self.client.request(method, path, Auth::Nothing);
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        let answer = Answer::of(change(request)).await;
        for line in answer.headers.get_all(SET_COOKIE) {
            let (pair, attributes) = line.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            assert!(attributes.contains("HttpOnly") && attributes.contains("Path=/;"), "{line:?}");
            match value {
                "" => self.cookies.remove(name),
                value => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        answer
    }

    /// `GET`
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, |request| request).await
    }

    /// Begins a sign-in.
    pub async fn begin(&mut self, org: OrgId) -> Begun {
        let answer = self.get(&format!("/saml/{org}/start")).await.expect(303);
        let url = Url::parse(answer.header("location").unwrap()).unwrap();
        let pairs: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        let request_id = request_id(&pairs["SAMLRequest"]);
        Begun { relay_state: pairs["RelayState"].clone(), request_id }
    }

    /// Brings an answer.
    pub async fn bring(&mut self, org: OrgId, response: &str, relay_state: &str) -> Answer {
        let form = [("SAMLResponse", response), ("RelayState", relay_state)];
        self.send(Method::POST, &format!("/saml/{org}/acs"), |request| request.form(&form)).await
    }

    /// Signs in from beginning to end.
    pub async fn sign_in(&mut self, claim: Claim) -> Answer {
        let begun = self.begin(claim.org).await;
        let claim = Claim { in_response_to: Some(begun.request_id), ..claim };
        self.bring(claim.org, &claim.signed(), &begun.relay_state).await
    }

    /// The cookie of the session.
    pub fn session(&self) -> Option<&str> {
        self.cookies.get("countersign_session").map(String::as_str)
    }
}
