// What readers of JavaScript make of texts: `node read.js NAME [FOLDER] <FRAMES >FRAMES`.
//
// A frame is its length, a newline and as many bytes. An answer is `+` and
// NAME=VALUE pairs, each with a NUL behind it, or `-` and what went wrong.
// FOLDER is where npm's packages are.
"use strict";
const fs = require("fs");

const [reader, folder] = process.argv.slice(2);
// With `/json` behind it, the whole value is one pair without a name.
const [name, asJson] = reader.split("/");
const npm = (packaged) => require(require.resolve(packaged, { paths: [folder] }));
const text = (bytes) => bytes.toString("utf8");

const readers = {
  node: () => {
    const { parseEnv } = require("util");
    return (bytes) => parseEnv(text(bytes));
  },
  dotenv: () => npm("dotenv").parse,
  "dotenv-16": () => npm("dotenv-16").parse,
  json: () => (bytes) => JSON.parse(text(bytes)),
  yaml: () => {
    const { parse } = npm("yaml");
    return (bytes) => parse(text(bytes));
  },
  "yaml-1.1": () => {
    const { parse } = npm("yaml");
    return (bytes) => parse(text(bytes), { version: "1.1" });
  },
  "js-yaml": () => {
    const { load } = npm("js-yaml");
    return (bytes) => load(text(bytes));
  },
  "js-yaml-4": () => {
    const { load } = npm("js-yaml-4");
    return (bytes) => load(text(bytes));
  },
};

// What JSON has no type for is an error.
function whole(value) {
  return JSON.stringify(value, function (key, member) {
    const odd = this[key] instanceof Date || (typeof member === "number" && !Number.isFinite(member));
    if (odd) throw new Error(`${member} is none of JSON`);
    return member;
  });
}

const read = readers[name]();
const input = fs.readFileSync(0);
const output = [];
for (let at = 0; at < input.length; ) {
  const end = input.indexOf("\n", at);
  const length = Number(input.subarray(at, end));
  const bytes = input.subarray(end + 1, end + 1 + length);
  at = end + 1 + length;
  let answer = "+";
  try {
    const found = read(bytes);
    for (const [key, value] of Object.entries(asJson ? { "": whole(found) } : found)) {
      if (typeof value !== "string") throw new Error(`${key} is ${typeof value}`);
      answer += `${key}=${value}\0`;
    }
  } catch (error) {
    answer = `-${error}`;
  }
  const bytesOut = Buffer.from(answer);
  output.push(Buffer.from(`${bytesOut.length}\n`), bytesOut);
}
fs.writeFileSync(1, Buffer.concat(output));
