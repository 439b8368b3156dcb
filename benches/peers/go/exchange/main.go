// The least that an exchange can do, by Go's standard library alone: read the proof, send it to STS, read the XML,
// look the account up in a map, sign a token. No checks, no store, no audit. A lower bound for any exchange in Go.
//
// Arguments: address, certificate, key, URL of STS, certificate of STS.
package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"time"
)

var (
	client *http.Client
	sts    string
	key    *ecdsa.PrivateKey
	users  = map[string]string{"100000000000": "service-account-1"}
	header = encode([]byte(`{"alg":"ES256","typ":"JWT","kid":"1"}`))
)

type identity struct {
	Arn     string `xml:"GetCallerIdentityResult>Arn"`
	UserID  string `xml:"GetCallerIdentityResult>UserId"`
	Account string `xml:"GetCallerIdentityResult>Account"`
}

func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

func ask(proof string) (caller identity, err error) {
	parts := strings.Split(strings.TrimPrefix(proof, "Delegated "), "|")
	if len(parts) != 4 {
		return caller, fmt.Errorf("not a proof")
	}
	body, err := base64.StdEncoding.DecodeString(parts[0])
	if err != nil {
		return caller, err
	}
	text, err := base64.StdEncoding.DecodeString(parts[1])
	if err != nil {
		return caller, err
	}
	var headers map[string][]string
	if err = json.Unmarshal(text, &headers); err != nil {
		return caller, err
	}
	request, err := http.NewRequest(parts[2], sts, bytes.NewReader(body))
	if err != nil {
		return caller, err
	}
	for name, values := range headers {
		if strings.EqualFold(name, "host") && len(values) > 0 {
			request.Host = values[0]
		} else {
			request.Header[name] = values
		}
	}
	answer, err := client.Do(request)
	if err != nil {
		return caller, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != 200 {
		return caller, fmt.Errorf("sts answered %d", answer.StatusCode)
	}
	return caller, xml.NewDecoder(answer.Body).Decode(&caller)
}

func sign(user string, caller identity) (string, error) {
	id := make([]byte, 16)
	rand.Read(id)
	now := time.Now().Unix()
	claims, err := json.Marshal(map[string]any{"iss": "https://peer.example", "aud": "https://peer.example", "sub": user,
		"iat": now, "nbf": now, "exp": now + 900, "jti": hex.EncodeToString(id),
		"act": map[string]string{"arn": caller.Arn, "account": caller.Account, "user_id": caller.UserID}})
	if err != nil {
		return "", err
	}
	message := header + "." + encode(claims)
	hash := sha256.Sum256([]byte(message))
	r, s, err := ecdsa.Sign(rand.Reader, key, hash[:])
	if err != nil {
		return "", err
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return message + "." + encode(signature), nil
}

func exchange(w http.ResponseWriter, r *http.Request) {
	caller, err := ask(r.Header.Get("Authorization"))
	user, known := users[caller.Account]
	if err != nil || !known {
		http.Error(w, "refused", http.StatusUnauthorized)
		return
	}
	token, err := sign(user, caller)
	if err != nil {
		http.Error(w, "failed", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"type": "delegated_token",
		"attributes": map[string]string{"access_token": token}}})
}

func main() {
	authorities, err := os.ReadFile(os.Args[5])
	if err != nil {
		log.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authorities)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, MaxIdleConnsPerHost: 256}
	client = &http.Client{Timeout: 10 * time.Second, Transport: transport}
	sts = os.Args[4]
	if key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/api/v2/delegated-token", exchange)
	log.Fatal(http.ListenAndServeTLS(os.Args[1], os.Args[2], os.Args[3], nil))
}
