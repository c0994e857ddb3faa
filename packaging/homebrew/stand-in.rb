# Runs a formula's `install` and `test` as Homebrew would, in a few words of its language: the archive is looked for
# beside the formula and its SHA-256 compared, nothing is fetched, and what it builds from source is left out.
#
#     ruby packaging/homebrew/stand-in.rb OUT/lazycred.rb intel|arm PREFIX [RUNNER]
#
# RUNNER, for another architecture, is what runs its programs, such as qemu-aarch64-static; `-` leaves the test out.
require "digest"
require "open3"
require "pathname"
require "tmpdir"

file, cpu, prefix, runner = ARGV
FOLDER = Pathname(file).expand_path.dirname
CPU = cpu.to_sym
PREFIX = Pathname(prefix).expand_path
RUNNER = runner.to_s

module OS
  def self.mac? = false
  def self.linux? = true
end

class Pathname
  # Moves or copies files into this folder.
  def install(*sources)
    mkpath
    sources.flatten.each { |source| FileUtils.cp(source, self, preserve: true) }
  end

  def install_symlink(links)
    links.each { |target, name| FileUtils.ln_s(target, self/name) }
  end
end

class Formula
  class << self
    attr_reader :address, :sum, :tests, :said

    %w[desc homepage license version].each do |word|
      define_method(word) { |value| (@said ||= {})[word] = value }
    end

    def url(value) = @address = value
    def sha256(value) = @sum = value
    def depends_on(*) = nil
    def on_linux = yield
    def on_intel = CPU == :intel && yield
    def on_arm = CPU == :arm && yield
    def test(&block) = @tests = block

    # Evaluated for its syntax and for the words that it knows, and forgotten.
    def on_macos
      kept = [@address, @sum]
      yield
      raise "no crate for macOS: #{@address}" unless @address.end_with?(".crate")
      FileUtils.compare_sums(@address, @sum)
      @address, @sum = kept
    end
  end

  attr_reader :buildpath

  def version = self.class.said["version"]
  def bin = PREFIX/"bin"
  def man1 = PREFIX/"share/man/man1"
  def bash_completion = PREFIX/"etc/bash_completion.d"
  def zsh_completion = PREFIX/"share/zsh/site-functions"
  def fish_completion = PREFIX/"share/fish/vendor_completions.d"
  def system(*words) = Kernel.system(*runner, *words.map(&:to_s)) || raise("failed: #{words.join(" ")}")
  def shell_output(line) = pipe_output(line, "", 0)
  def runner = RUNNER.split

  def pipe_output(line, input, status)
    output, ended = Open3.capture2([*runner, line].join(" "), stdin_data: input)
    raise "#{line}: #{ended}" if ended.exitstatus != status
    output
  end

  def assert_equal(expected, actual)
    raise "#{actual.inspect} is not #{expected.inspect}" if expected != actual
  end

  def pour
    Dir.mktmpdir do |folder|
      archive = FileUtils.compare_sums(self.class.address, self.class.sum)
      Kernel.system("tar", "-xf", archive.to_s, "-C", folder, exception: true)
      # Homebrew enters the only folder of an archive.
      @buildpath = Pathname(folder).children.first
      Dir.chdir(@buildpath) { install }
    end
  end

  def try
    Dir.mktmpdir do |folder|
      ENV["HOME"] = folder
      Dir.chdir(folder) { instance_eval(&self.class.tests) }
    end
  end
end

module FileUtils
  # The file that an address names, which is beside the formula and has this SHA-256.
  def self.compare_sums(address, sum)
    file = (FOLDER/address.split("/").last).expand_path
    raise "#{file} has another SHA-256" if Digest::SHA256.file(file).hexdigest != sum
    file
  end
end

load file
formula = Lazycred.new
formula.pour
formula.try unless RUNNER == "-"
