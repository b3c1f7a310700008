#!/bin/sh
# Installs what Whistle needs and makes .venv from the lock. Run by `make setup`, `make demo` and
# `make test`; again and again costs nothing. `ops/setup.sh test` adds what the tests need.
set -eu
cd "$(dirname "$0")/.."
kind=${1:-run}
venv=.venv

say() { printf '  %s\n' "$*" >&2; }
stop() { printf 'whistle: %s\n' "$*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# --- what is missing from the system ---------------------------------------------------------------
python_ok() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
venv_ok() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }
find_python() {
    for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
        if [ -n "$candidate" ] && has "$candidate" && python_ok "$candidate"; then
            echo "$candidate"; return
        fi
    done
}
postgis_there() { ls /usr/share/postgresql/*/extension/postgis.control >/dev/null 2>&1; }
postgres_version() { # of the installed server, else of the newest that apt offers with PostGIS
    installed=$(ls /usr/lib/postgresql 2>/dev/null | sort -n | tail -n 1)
    if [ -n "$installed" ]; then echo "$installed"; return; fi
    apt-cache --names-only search '^postgresql-[0-9]+-postgis-3$' |
        sed 's/postgresql-\([0-9]*\)-.*/\1/' | sort -n | tail -n 1
}
browser_there() {
    [ -n "${CHROMIUM_PATH:-}" ] || [ -x /usr/bin/chromium ] ||
        ls "$HOME"/.cache/ms-playwright/chromium-* >/dev/null 2>&1
}
chinese_font_there() {
    ls /usr/share/fonts/*/noto/NotoSansCJK* /usr/share/fonts/*/*/NotoSansCJK* >/dev/null 2>&1 ||
        { has fc-list && [ -n "$(fc-list :lang=zh family)" ]; }
}
java_there() { has java && has mvn; }
on_ubuntu() { grep -q '^ID=ubuntu' /etc/os-release 2>/dev/null; }

packages() { # names of the packages that are missing, one per line
    python=$(find_python)
    if [ -z "$python" ]; then
        if python3 -c '' 2>/dev/null; then echo python3.11; echo python3.11-venv
        else echo python3; echo python3-venv; fi
    elif [ ! -x $venv/bin/python ] && ! venv_ok "$python"; then
        echo "$("$python" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])')"
    fi
    if ! postgis_there; then
        version=$(postgres_version)
        echo "postgresql-${version:-15}-postgis-3"
    fi
    if [ "$kind" = test ]; then
        # Ubuntu's chromium package is a snap, which a container cannot run: Playwright's is taken
        if ! browser_there && ! on_ubuntu; then echo chromium; fi
        # Playwright's driver wants it even where the browser is another one
        if ! /sbin/ldconfig -p | grep -q libatomic.so.1; then echo libatomic1; fi
        if ! chinese_font_there; then echo fonts-noto-cjk; fi
        # for the tests' broker; they can do without one where nothing may be installed
        if ! java_there && may_install; then echo default-jre-headless; echo maven; fi
    fi
}

# --- bring it ----------------------------------------------------------------------------------------
root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}
may_install() {
    has apt-get && { [ "$(id -u)" = 0 ] || { has sudo && sudo -n true 2>/dev/null; }; }
}
apt() {
    said=$(mktemp)
    if root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 \
        -o APT::Update::Error-Mode=any "$@" >"$said" 2>&1; then
        rm -f "$said"
    else
        tail -n 20 "$said" >&2; rm -f "$said"; return 1
    fi
}
install_packages() {
    if ! may_install; then
        has apt-get || stop "needs packages that only Debian or Ubuntu names are known for: $(echo $1)"
        stop "these packages are missing: $(echo $1)
         install them with:  sudo apt-get install $(echo $1)
         and start again"
    fi
    say "installing with apt: $(echo $1)"
    case $1 in *postgresql*)
        # the server package would start a cluster of its own on port 5432: ours is private
        apt -y install --no-install-recommends postgresql-common || stop "apt could not install it"
        dropin=/etc/postgresql-common/createcluster.d/whistle.conf
        root mkdir -p "${dropin%/*}"
        echo 'create_main_cluster = false' | root tee "$dropin" >/dev/null
    esac
    # shellcheck disable=SC2086  # a list of names
    apt -y install --no-install-recommends $1 || stop "apt could not install: $(echo $1)"
}
missing=$(packages)
if [ -n "$missing" ]; then
    if may_install; then say "reading the package lists"; apt update || stop "apt-get update failed"; fi
    missing=$(packages) # the lists name the PostgreSQL version of this system
    install_packages "$missing"
    missing=$(packages)
    [ -z "$missing" ] || stop "still missing after the installation: $(echo $missing)"
fi

# --- the tests' broker: Maven resolves it as this machine is set up ---------------------------------
broker_jars() {
    [ "$kind" = test ] || return 0
    list=$venv/.kafka-classpath
    if [ -s "$list" ] && [ "$list" -nt ops/kafka/pom.xml ] &&
        [ -z "$(tr ':' '\n' <"$list" | while read -r jar; do [ -e "$jar" ] || echo gone; done)" ]; then
        return 0
    fi
    said=$(mktemp)
    if ! java_there; then
        say "no Java or Maven here: tests that need Apache Kafka will be skipped"
    elif say "fetching Apache Kafka for the tests" && mvn -q -B -f ops/kafka/pom.xml \
        dependency:build-classpath -Dmdep.outputFile="$PWD/$list.part" >"$said" 2>&1; then
        mv "$list.part" "$list"
    else
        tail -n 5 "$said" >&2
        say "Maven could not fetch Apache Kafka: tests that need it will be skipped"
    fi
    rm -f "$said"
}

# --- the tests' proxy: the program alone, since the package would start a server on port 80 ------------
proxy_program() {
    [ "$kind" = test ] || return 0
    if has caddy || [ -x $venv/bin/caddy ]; then return 0; fi
    made=$(mktemp -d)
    if has apt-get && (cd "$made" && apt-get -qq download caddy && dpkg-deb -x caddy*.deb .) \
        >/dev/null 2>&1; then
        cp "$made/usr/bin/caddy" $venv/bin/caddy
    else
        say "no Caddy here: tests of the proxy will be skipped"
    fi
    rm -rf "$made"
}

# --- .venv -------------------------------------------------------------------------------------------
case $kind in test) lock=requirements-dev.lock ;; *) lock=requirements.lock ;; esac
python=$(find_python)
stamp=$venv/.installed-$kind
state=$(cat "$lock" pyproject.toml | sha256sum | cut -c1-64)-$PWD
if [ "$(cat "$stamp" 2>/dev/null)" = "$state" ] && $venv/bin/python -c '' 2>/dev/null; then
    broker_jars
    proxy_program
    exit 0
fi
if ! $venv/bin/python -m pip --version >/dev/null 2>&1; then
    say "making $venv with $($python --version)"
    rm -rf $venv # half-made, or of a Python that is gone
    "$python" -m venv $venv || stop "$python -m venv failed; is the disk full?"
fi
say "installing the libraries of $lock"
pip="$venv/bin/python -m pip --disable-pip-version-check --no-input -q"
$pip install --require-hashes --no-deps -r "$lock" ||
    stop "the libraries could not be installed: see pip's message above (network, disk?)"
$pip install --no-build-isolation --no-deps -e . || stop "whistle itself could not be installed"
if [ "$kind" = test ] && ! browser_there; then
    say "installing a browser for the tests"
    $venv/bin/playwright install --with-deps chromium >&2 ||
        stop "no browser for the tests: install Chromium and set CHROMIUM_PATH to it"
fi
rm -f $venv/.installed-*
# what the tests need includes what the product needs
if [ "$kind" = test ]; then
    echo "$(cat requirements.lock pyproject.toml | sha256sum | cut -c1-64)-$PWD" >$venv/.installed-run
fi
echo "$state" >"$stamp"
broker_jars
proxy_program
say "ready: $venv/bin/whistle"
