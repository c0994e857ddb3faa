// A TLS server by Go's own library that knows no object.
//
// It is given a folder with certificate.pem and private.pem, and perhaps the
// one key exchange that it is to know. It prints its port, and then the key
// exchange of each connection.
package main

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"strings"
)

const body = "<Error><Code>NoSuchKey</Code><Message>no</Message></Error>"

func serve(connection *tls.Conn) {
	defer connection.Close()
	if err := connection.Handshake(); err != nil {
		fmt.Println("failed:", err)
		return
	}
	fmt.Println(connection.ConnectionState().CurveID)
	input := bufio.NewScanner(connection)
	for input.Scan() {
		if strings.TrimSpace(input.Text()) == "" {
			fmt.Fprintf(connection, "HTTP/1.1 404 No\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		}
	}
}

func main() {
	folder := os.Args[1]
	own, err := tls.LoadX509KeyPair(folder+"/certificate.pem", folder+"/private.pem")
	if err != nil {
		panic(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{own}}
	if len(os.Args) > 2 {
		config.CurvePreferences = []tls.CurveID{tls.X25519}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	for {
		socket, err := listener.Accept()
		if err != nil {
			panic(err)
		}
		go serve(tls.Server(socket, config))
	}
}
