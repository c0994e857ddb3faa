// The least that does the same with AWS's SDK for Go: fetch, unwrap, open, become the command.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/fernet/fernet-go"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	ctx, bucket, path := context.Background(), os.Args[1], os.Args[2]
	settings, err := config.LoadDefaultConfig(ctx)
	check(err)
	object, err := s3.NewFromConfig(settings, func(o *s3.Options) { o.UsePathStyle = true }).GetObject(
		ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &path})
	check(err)
	var record struct {
		Key  []byte
		Data string
	}
	check(json.NewDecoder(object.Body).Decode(&record))
	unwrapped, err := kms.NewFromConfig(settings).Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: record.Key})
	check(err)
	dataKey, err := fernet.DecodeKey(string(unwrapped.Plaintext))
	check(err)
	var fields map[string]string
	check(json.Unmarshal(fernet.VerifyAndDecrypt([]byte(record.Data), 0, []*fernet.Key{dataKey}), &fields))
	for name, value := range fields {
		check(os.Setenv(name, value))
	}
	check(syscall.Exec(os.Args[3], os.Args[3:], os.Environ()))
}
