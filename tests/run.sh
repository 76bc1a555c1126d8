#!/usr/bin/env bash
# Everything from a fresh checkout: environment, Chromium, ruff, pytest.
#
#   bash tests/run.sh                  all tests but the slow trainings
#   bash tests/run.sh --all            these too
#   bash tests/run.sh tests/ui -k draw any arguments of pytest
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

supported() { # is this a Python the lab supports, with venv?
    "$1" -c 'import sys, venv, ensurepip; sys.exit(not (3, 10) <= sys.version_info < (3, 13))' \
        >/dev/null 2>&1
}

make_environment() {
    local stamp=.venv/.installed wanted name
    wanted=$(cat requirements.txt tests/requirements.txt)
    if [[ -f $stamp && $(cat "$stamp") == "$wanted" ]] && supported .venv/bin/python; then
        return
    fi
    for name in python3 python3.12 python3.11 python3.10 none; do
        if supported "$name"; then break; fi
    done
    if [[ $name == none ]]; then
        echo "tests/run.sh: needs Python 3.10, 3.11 or 3.12 with its venv module" >&2
        exit 2
    fi
    "$name" -m venv --clear .venv
    .venv/bin/python -m pip install -qq --disable-pip-version-check \
        -r requirements.txt -r tests/requirements.txt
    echo "$wanted" >"$stamp"
}

find_chromium() { # prints the path of a Chromium that starts
    local name path
    for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
        path=$(command -v "$name" 2>/dev/null) || continue
        if "$path" --version >/dev/null 2>&1; then
            echo "$path"
            return
        fi
    done
    path=$(.venv/bin/python - <<'PY'
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
PY
    )
    [[ -x $path ]] && echo "$path"
}

get_chromium() {
    if find_chromium >/dev/null; then return; fi
    if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
        apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium || true
    fi >/dev/null 2>&1
    if find_chromium >/dev/null; then return; fi
    .venv/bin/python -m playwright install chromium >/dev/null 2>&1 || true
}

selection=(-m "not slow")
if [[ ${1:-} == --all ]]; then
    selection=()
    shift
fi

make_environment
get_chromium
if CHROMIUM=$(find_chromium); then
    export CHROMIUM
else
    unset CHROMIUM
    echo "tests/run.sh: no Chromium here; the browser tests will be skipped" >&2
fi

status=0
.venv/bin/ruff check --quiet --output-format concise . || status=1
.venv/bin/ruff format --quiet --check . >/dev/null || status=1
if [[ $status != 0 ]]; then
    echo "tests/run.sh: ruff found something; see: .venv/bin/ruff check . && .venv/bin/ruff format --check ." >&2
fi
# Two at a time, each file by one of them: the tests of the browser wait more than they work.
.venv/bin/python -m pytest -q -n 2 --dist loadfile "${selection[@]}" "$@" || status=$?
exit "$status"
