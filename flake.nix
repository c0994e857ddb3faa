# Builds lazycred from these sources: `nix build`, `nix run . -- --version`, `nix flake check`.
#
# There is no flake.lock: the first command writes one for the nixpkgs of its day, whose Rust must be Cargo.toml's
# `rust-version` or newer. packaging/README.md says what of this was run.
{
  description = "Runs a program with its secrets from AWS S3 and KMS in its environment, then gets out of the way";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      package = (builtins.fromTOML (builtins.readFile ./Cargo.toml)).package;
      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "aarch64-darwin"
      ];
      each = made: nixpkgs.lib.genAttrs systems (system: made system nixpkgs.legacyPackages.${system});
    in
    {
      packages = each (
        system: pkgs: {
          default = pkgs.rustPlatform.buildRustPackage {
            pname = package.name;
            version = package.version;
            src = self;
            cargoLock.lockFile = ./Cargo.lock;
            # The unit tests; the others look for a home, a terminal and servers of their own.
            cargoTestFlags = [ "--lib" ];
            # Beside itself, the program puts the link, its manual pages and its completions.
            postInstall = ''
              mv $out/bin/lazycred "$TMPDIR/lazycred"
              "$TMPDIR/lazycred" install --prefix $out
            '';
            meta = {
              description = package.description;
              homepage = package.repository;
              changelog = "${package.repository}/blob/HEAD/CHANGELOG.md";
              license = pkgs.lib.licenses.mit;
              mainProgram = "lazycred";
              platforms = systems;
            };
          };
        }
      );

      checks = each (
        system: pkgs: {
          version = pkgs.runCommand "lazycred-version" { } ''
            test "$(${self.packages.${system}.default}/bin/lazycred --version)" = "lazycred ${package.version}"
            touch $out
          '';
        }
      );

      devShells = each (
        system: pkgs: {
          default = pkgs.mkShell {
            inputsFrom = [ self.packages.${system}.default ];
            packages = [
              pkgs.clippy
              pkgs.rustfmt
            ];
          };
        }
      );
    };
}
