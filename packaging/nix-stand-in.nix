# What flake.nix gives where there is no network, with a few words of nixpkgs for the whole: its packages' attributes.
#
#     nix-instantiate --eval --strict --json packaging/nix-stand-in.nix
let
  lib.genAttrs = names: made: builtins.listToAttrs (map (name: { inherit name; value = made name; }) names);
  pkgs = {
    lib.licenses.mit = "MIT";
    rustPlatform.buildRustPackage = package: package // { outPath = "/built"; };
    runCommand = name: _: script: { inherit name script; };
    mkShell = shell: shell;
    clippy = "clippy";
    rustfmt = "rustfmt";
  };
  nixpkgs = {
    inherit lib;
    legacyPackages.x86_64-linux = pkgs;
    legacyPackages.aarch64-linux = pkgs;
    legacyPackages.aarch64-darwin = pkgs;
  };
  flake = (import ../flake.nix).outputs { inherit nixpkgs; self = flake // { outPath = "sources"; }; };
in
  {
    package = builtins.removeAttrs flake.packages.x86_64-linux.default [ "outPath" "src" ];
    lock = builtins.pathExists flake.packages.x86_64-linux.default.cargoLock.lockFile;
    checks = flake.checks.aarch64-linux;
    shells = builtins.attrNames flake.devShells;
  }
