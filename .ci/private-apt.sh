# To be sourced: an apt that downloads from Debian's newest packages and installs nothing. Works in the folder $apt.

# Runs a command of apt with sources, lists and caches of its own: `private_apt apt-get …`. The machine's settings, a proxy
# among them, stay in force, but for the hooks, which tidy up the machine's own caches. `update` takes no index but one
# signed with Debian's key.
private_apt() {
  timeout 240 "$1" -c "$apt/apt.conf" -qq "${@:2}" </dev/null
}

prepare_private_apt() {
  local mirror codename
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Identifier: Packages' |
    awk -v codename="$codename" '$2 == codename && $3 == "main" { print $1; exit }')
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/empty"
  touch "$apt/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" >"$apt/sources.list"
  cat >"$apt/apt.conf" <<CONF
Dir::Etc::SourceList "$apt/sources.list";
Dir::Etc::SourceParts "$apt/empty";
Dir::Etc::PreferencesParts "$apt/empty";
Dir::State "$apt";
Dir::State::Status "$apt/status";
Dir::Cache "$apt/cache";
Dir::Log "$apt";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "30";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
CONF
  private_apt apt-get update
}
