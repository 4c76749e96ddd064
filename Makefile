# make demo   a whole office on this machine (HEADLESS=1: a scripted morning without a screen)
# make test   everything that is checked
# make proof  the long form of the random tests
# make simulate [DAYS=200] [SEED=7], mutants, powercuts, kills, chaos, hostile, other-broker, services, lobby-day: the proofs of docs/reliability.md
# make image [BOARD=pc] [ROLE=kiosk]   the appliance's image and its update, as root; make image-test: it in an emulator
# make bench  the figures, measured in one run
# make accessibility: docs/accessibility.md from the tests; make screens: pictures of every page in build/screens; make goldens: how they should look

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := officelib mqtt_bridge office_hub hwlib kiosk_app display_app image-build/appliance image-build/imagebuild bench
QML := $(wildcard kiosk_app/ui/qml/*.qml image-build/appliance/qml/*.qml display_app/ui/qml/*.qml assets/qml/Antesala/*.qml)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# A Python of 3.13 or newer for the tests' second opinion, where the project's own is older; none is no error
ORACLE_PYTHON ?= $(shell ls -d $${PYENV_ROOT:-$$HOME/.pyenv}/versions/3.1[3-9]*/bin/python 2>/dev/null | tail -1 || command -v python3.13)

.PHONY: setup demo test lint check oracle proof simulated simulate mutants powercuts kills chaos hostile other-broker services lobby-day image image-tools image-test image-twice bench accessibility screens goldens clean

setup: $(VENV)/ready

$(VENV)/ready: requirements.lock pyproject.toml image-build/debian-packages.txt
	@image-build/install-packages.sh image-build/debian-packages.txt
	@echo "setup: Python packages into $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "setup: Python 3.11 or newer is needed; name it with PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --require-hashes --requirement requirements.lock
	@$(BIN)/pip install --quiet --no-deps --editable .
	@touch $@

demo: setup
	@$(BIN)/python -m bench.office $(if $(HEADLESS),--headless)

test: lint check simulated

# Six office-days on all cores: the short form of `make simulate`
simulated: setup
	@echo "simulated: 6 office-days"
	@$(BIN)/python -m tests.sim --days 6 --first 1001

lint: setup
	@echo "lint: ruff, mypy, qmllint"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy $(PACKAGES) tests
	@$(BIN)/pyside6-qmllint --max-warnings 0 -I assets/qml $(QML)

# emupos, an ESC/POS printer that others wrote, reads our tickets (tests/hwlib/test_oracle.py)
oracle: setup
	@$(BIN)/python -c 'import emupos' 2>/dev/null || test -x build/oracle/bin/emupos || { \
	    test -n "$(ORACLE_PYTHON)" || { echo "oracle: no Python 3.13 here; its tests are left out"; exit 0; }; \
	    echo "oracle: emupos into build/oracle"; \
	    $(ORACLE_PYTHON) -m venv build/oracle && \
	    build/oracle/bin/pip install --quiet --require-hashes --requirement tests/hwlib/oracle/requirements.lock; }

# The random tests in their long form: about a minute
proof: setup
	@$(BIN)/pytest -q --long --timeout 1800 tests/hwlib/test_replies.py tests/hwlib/test_template.py -k random

# Proofs of the sync, in their long forms; docs/reliability.md says what each found
DAYS ?= 200
FIRST ?= 1

simulate: setup
	@$(BIN)/python -m tests.sim $(if $(SEED),--seed $(SEED),--days $(DAYS) --first $(FIRST)) --results bench/results

mutants: setup
	@$(BIN)/python -m tests.sim.hunt --first 201 --results bench/results $(NAMES)

powercuts: setup
	@$(BIN)/pytest -q -s --long --timeout 7200 tests/officelib/test_power_cuts.py tests/officelib/test_syscalls.py tests/officelib/test_migrations.py

kills: setup
	@QT_QPA_PLATFORM=offscreen QT_QUICK_BACKEND=software $(BIN)/pytest -q -s --long -k many_sigkills tests/e2e/test_kill.py

chaos: setup
	@$(BIN)/pytest -q -s --long tests/e2e/test_chaos.py

# An office under systemd itself, restarted, hung, killed and reloaded: about a minute, as root, on a Debian with systemd
services: setup
	@$(BIN)/python -m tests.systemd.booted

# The lobby: 900 calls while display, bridge, broker and hub are killed in turn; eight hours without growth: ten minutes
lobby-day: setup
	@QT_QPA_PLATFORM=offscreen QT_QUICK_BACKEND=software $(BIN)/pytest -q -s --long tests/e2e/test_lobby_day.py tests/display_app/test_long_day.py

# The tests that need a broker, on RabbitMQ 4 of Debian 13 in a root file system of its own: as root, 300 MB. Left out is
# what mosquitto's lists of rights and of revoked certificates decide.
other-broker: setup build/rabbitmq/bin
	@mkdir -p build/rabbitmq.bin
	@printf '#!/bin/sh\nexec %s -m tests.e2e.rabbitmq "$$@"\n' '$(CURDIR)/$(BIN)/python' > build/rabbitmq.bin/mosquitto
	@chmod +x build/rabbitmq.bin/mosquitto
	@PATH='$(CURDIR)/build/rabbitmq.bin':$$PATH QT_QPA_PLATFORM=offscreen QT_QUICK_BACKEND=software $(BIN)/pytest -q -s \
	    tests/e2e/test_chaos.py tests/e2e/test_two_hubs.py tests/e2e/test_city.py tests/e2e/test_kill.py \
	    --deselect tests/e2e/test_city.py::test_an_office_hears_and_says_only_what_is_its_own

build/rabbitmq/bin:
	@image-build/install-packages.sh tests/e2e/debian-packages.txt
	@echo "other-broker: Debian 13 with RabbitMQ into build/rabbitmq"
	@rm -rf build/rabbitmq.part
	@debootstrap --variant=minbase --include=rabbitmq-server trixie build/rabbitmq.part > build/rabbitmq.log
	@touch build/rabbitmq.part/etc/hosts
	@mv build/rabbitmq.part build/rabbitmq

# An image to flash, and the same as an update: three minutes, 5 GB, as root on a Debian. docs/operators/appliance.md
BOARD ?= pc
ROLE ?= kiosk

image-tools:
	@image-build/install-packages.sh image-build/builder-packages.txt

image: setup image-tools
	@PYTHONPATH=image-build $(BIN)/python -m imagebuild $(BOARD) --role $(ROLE) $(if $(KEYS),--keys $(KEYS)) $(if $(MIRROR),--mirror $(MIRROR))

# The image itself in QEMU, from the flashed card to pulled plugs, updates good and bad, and an office of images alone: two hours
image-test: setup image-tools
	@PYTHONPATH=image-build $(BIN)/python -m tests.image --results bench/results

# The root file system built twice, and compared file by file: five minutes
image-twice: setup image-tools
	@PYTHONPATH=image-build $(BIN)/python -m tests.image.twice $(BOARD)

hostile: setup
	@$(BIN)/pytest -q --long --timeout 14400 tests/office_hub/test_hostile.py tests/office_hub/test_model.py

# What lives in real time, and must not wait for others
ALONE := tests/e2e tests/display_app/test_voice.py

check: setup oracle
	@echo "check: the tests, two at a time"
	@QT_QPA_PLATFORM=offscreen QT_QUICK_BACKEND=software $(BIN)/pytest -n 2 --dist loadfile $(ALONE:%=--ignore=%)
	@echo "check: those that need the machine for themselves"
	@QT_QPA_PLATFORM=offscreen QT_QUICK_BACKEND=software $(BIN)/pytest $(ALONE)

bench: setup
	@$(BIN)/python -m bench.measure

# The tests of accessibility, and the page that tells what they showed
accessibility: setup
	@mkdir -p build
	@QT_QPA_PLATFORM=offscreen QT_QUICK_BACKEND=software $(BIN)/pytest -q -m ux --accessibility=build/accessibility.json
	@$(BIN)/python -m tests.a11y.report build/accessibility.json

goldens: setup
	@rm -rf tests/visual/goldens
	@QT_QPA_PLATFORM=offscreen QT_QUICK_BACKEND=software $(BIN)/pytest -q tests/visual tests/a11y/test_vision.py --goldens --screens build/screens

screens: setup
	@QT_QPA_PLATFORM=offscreen QT_QUICK_BACKEND=software $(BIN)/pytest -q tests/visual --screens build/screens

clean:
	rm -rf $(VENV) build demo-out .pytest_cache .mypy_cache .ruff_cache
