# make demo    restyle sample photographs and write a gallery to demo/
# make studio  open all of it in the browser
# make lessons run all lessons and write their pages to lessons/
# make test    every check, every test
# make check   format, lint, types, floors, spelling
# make lock    resolve the dependencies anew into requirements.lock (needs uv)
#
# Each sets up .venv by itself. PYTHON=python3.13 chooses the interpreter.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
WORKERS ?= 2

.PHONY: demo studio lessons test check format lock wheel clean

demo: $(READY)
	$(BIN)/olhar demo -o demo

studio: $(READY)
	$(BIN)/olhar studio

lessons: $(READY)
	$(BIN)/olhar learn --run

test: check
	$(BIN)/pytest -n $(WORKERS)

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/codespell
	$(BIN)/pyright

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

wheel: $(READY)
	$(BIN)/python -m hatchling build -t wheel

lock:
	uv pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  --python-version 3.11 --extra dev --extra demo --extra heic \
	  --extra timm --extra sets --extra tensorboard --extra fast --extra tune --extra hub \
	  --extra studio \
	  pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) demo lessons dist

# The stamp is written last, so an interrupted set-up starts again.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "olhar needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12")'
	@echo "Setting up $(VENV) (torch is large: a few minutes the first time)"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)
