# What readers of Ruby make of texts: `ruby read.rb NAME <FRAMES >FRAMES`.
#
# A frame is its length, a newline and as many bytes. An answer is `+` and
# NAME=VALUE pairs, each with a NUL behind it, or `-` and what went wrong.

# With `/json` behind it, the whole value is one pair without a name.
name, as_json = ARGV[0].split("/")
require "json" if as_json
read =
  case name
  when "dotenv"
    require "dotenv"
    # As it opens a file: less a mark of UTF-8.
    ->(text) { Dotenv::Parser.call(text.force_encoding("UTF-8").delete_prefix("\u{feff}"), true) }
  when "json"
    require "json"
    ->(text) { JSON.parse(text.force_encoding("UTF-8")) }
  when "psych"
    require "yaml"
    ->(text) { YAML.safe_load(text.force_encoding("UTF-8")) }
  end

$stdin.binmode
$stdout.binmode
while (line = $stdin.gets)
  text = $stdin.read(line.to_i) || +""
  begin
    answer = (+"+").b
    found = read.call(text)
    found = { "" => JSON.generate(found) } if as_json
    found.each do |key, value|
      raise "#{key} is #{value.class}" unless key.is_a?(String) && value.is_a?(String)
      answer << key.b << "=".b << value.b << "\0".b
    end
  rescue Exception => error # whatever it is, it is no answer
    answer = "-#{error.class}: #{error.message}".b
  end
  $stdout.write("#{answer.bytesize}\n", answer)
end
