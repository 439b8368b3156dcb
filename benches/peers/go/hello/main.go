// The smallest server of Go's standard library: how soon it answers, and how much memory it takes.
package main

import (
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte("hello\n"))
	})
	panic(http.ListenAndServe(os.Args[1], nil))
}
