// The messages that `samlp` (npm) writes; called by make.py, which hands the facts over on standard input.
const fs = require("fs");
const samlp = require("samlp");

const facts = JSON.parse(fs.readFileSync(0, "utf8"));
const pem = (name) => fs.readFileSync(`${facts.folder}/${name}`);
const user = {
  id: "ada-7f3a", displayName: "Ada", name: { givenName: "Ada", familyName: "L" },
  emails: [{ value: "ada@example.com" }], groups: ["engineering", "R&D <core>"],
};
const base = {
  issuer: facts.issuer, audience: facts.audience, destination: facts.acs, recipient: facts.acs,
  inResponseTo: facts.request, cert: pem("idp.cert.pem"), key: pem("idp.key.pem"), lifetimeInSeconds: 300,
  signatureAlgorithm: "rsa-sha256", digestAlgorithm: "sha256", sessionIndex: "_session-1",
  nameIdentifierFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
};
const kinds = {
  "samlp-assertion-signed": {},
  "samlp-response-signed": { signResponse: true, signAssertion: false },
  "samlp-both-signed": { signResponse: true },
  "samlp-prefix": { signatureNamespacePrefix: "ds" },
  "samlp-sha1": { signatureAlgorithm: "rsa-sha1", digestAlgorithm: "sha1" },
};

(async () => {
  const made = {};
  for (const [name, options] of Object.entries(kinds)) {
    made[name] = await new Promise((done, fail) =>
      samlp.getSamlResponse({ ...base, ...options }, user, (error, xml) => (error ? fail(error) : done(xml.toString()))));
  }
  process.stdout.write(JSON.stringify(made));
})();
