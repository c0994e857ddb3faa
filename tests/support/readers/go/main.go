// Gives what readers of Go make of texts: `readers NAME <FRAMES >FRAMES`.
//
// A frame is its length, a newline and as many bytes. An answer is `+` and
// NAME=VALUE pairs, each with a NUL behind it, or `-` and what went wrong.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	compose "github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/docker/cli/pkg/kvfile"
	goccy "github.com/goccy/go-yaml"
	"github.com/joho/godotenv"
	yaml "gopkg.in/yaml.v3"
	kubernetes "sigs.k8s.io/yaml"
)

type texts = map[string]string

// As much of a Secret as is asked for: its data is base64.
type secret struct {
	Data map[string][]byte `json:"data"`
}

var readers = map[string]func([]byte) (texts, error){
	"godotenv": godotenv.UnmarshalBytes,
	"compose": func(text []byte) (texts, error) {
		return compose.ParseWithLookup(bytes.NewReader(text), os.LookupEnv)
	},
	"docker": func(text []byte) (texts, error) {
		lines, err := kvfile.ParseFromReader(bytes.NewReader(text), os.LookupEnv)
		out := texts{}
		for _, line := range lines {
			name, value, _ := strings.Cut(line, "=")
			out[name] = value
		}
		return out, err
	},
	"json": func(text []byte) (out texts, err error) { return out, json.Unmarshal(text, &out) },
	// Into anything first, so that what looks like a number would be one.
	"yaml.v3": func(text []byte) (texts, error) {
		var out map[any]any
		err := yaml.Unmarshal(text, &out)
		return strictly(out, err)
	},
	"goccy": func(text []byte) (texts, error) {
		var out map[any]any
		err := goccy.Unmarshal(text, &out)
		return strictly(out, err)
	},
	"sigs": func(text []byte) (texts, error) {
		var out map[any]any
		var named map[string]any
		err := kubernetes.UnmarshalStrict(text, &named)
		out = map[any]any{}
		for name, value := range named {
			out[name] = value
		}
		return strictly(out, err)
	},
	"k8s": func(text []byte) (texts, error) {
		var read secret
		err := kubernetes.Unmarshal(text, &read)
		out := texts{}
		for name, value := range read.Data {
			out[name] = string(value)
		}
		return out, err
	},
}

func strictly(all map[any]any, err error) (texts, error) {
	out := texts{}
	for name, value := range all {
		key, isText := name.(string)
		text, isValue := value.(string)
		if !isText || !isValue {
			return nil, fmt.Errorf("%v is %T: %T", name, name, value)
		}
		out[key] = text
	}
	return out, err
}

func main() {
	read := readers[os.Args[1]]
	in := bufio.NewReader(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		length, err := strconv.Atoi(strings.TrimSpace(line))
		if err != nil {
			panic(err)
		}
		text := make([]byte, length)
		if _, err := io.ReadFull(in, text); err != nil {
			panic(err)
		}
		var answer strings.Builder
		pairs, err := read(text)
		if err != nil {
			fmt.Fprintf(&answer, "-%v", err)
		} else {
			answer.WriteByte('+')
			for name, value := range pairs {
				answer.WriteString(name + "=" + value + "\x00")
			}
		}
		fmt.Fprintf(out, "%d\n%s", answer.Len(), answer.String())
	}
}
