#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""check_json.py DIR: judges what nsls --json printed, the files of DIR, by the schemas.

An output names its view by the one key that no other view has. What schemas can't express is judged,
too: it is UTF-8, no object has a key twice, and NaN is no number.

If nothing can be judged, the exit status is 77; it is 1 if the environment has REQUIRE_SCHEMAS.
"""
import collections
import json
import os
import pathlib
import sys


def skip(why):
    print(f"skip: {why}")
    sys.exit(1 if "REQUIRE_SCHEMAS" in os.environ else 77)


try:
    from jsonschema import Draft202012Validator, exceptions
except ImportError:
    skip('needs the package "python3-jsonschema"')


def load_schemas():
    """The schema of each view, by the key of its rows.

    The definitions of common.json become the schema's own: jsonschema's ways to find another file
    have changed between its releases.
    """
    folder = pathlib.Path(__file__).resolve().parent / "schema"
    common = json.loads((folder / "common.json").read_text())["$defs"]
    validators = {}
    for path in sorted(folder.glob("*.json")):
        schema = json.loads(path.read_text().replace("common.json#", "#"))
        schema["$defs"] = {**common, **schema.get("$defs", {})}
        Draft202012Validator.check_schema(schema)
        for key in set(schema.get("properties", {})) - {"complete", "notes"}:
            validators[key] = Draft202012Validator(schema)
    return validators


def refuse_twice(pairs):
    keys = collections.Counter(key for key, _ in pairs)
    twice = [key for key, n in keys.items() if n > 1]
    if twice:
        raise ValueError(f"twice in one object: {twice}")
    return dict(pairs)


def refuse_constant(name):
    raise ValueError(f"{name} is no JSON")


def find_error(validators, text):
    """The view of an output, and what is wrong with it or None."""
    try:
        value = json.loads(
            text.decode("utf-8"), object_pairs_hook=refuse_twice, parse_constant=refuse_constant
        )
    except ValueError as error:
        return None, str(error)
    key = next((key for key in validators if key in value), None)
    if key is None:
        return None, f"no schema has the keys {list(value)}"
    errors = list(validators[key].iter_errors(value))
    if not errors:
        return key, None
    # Places and keywords are the schema's; messages differ between releases of jsonschema.
    where = "; ".join(sorted(f"{error.json_path} {error.validator}" for error in errors))
    return key, f"{where}: {exceptions.best_match(errors).message}"


def main(folder):
    files = sorted(pathlib.Path(folder).iterdir())
    if not files:
        skip("no test has kept an output")
    validators = load_schemas()
    views = collections.Counter()
    status = 0
    for file in files:
        text = file.read_bytes()
        key, error = find_error(validators, text)
        views[key] += 1
        if error:
            print(f"{file}: {error}\n{text.decode(errors='replace')[:2000]}")
            status = 1
    print(f"{len(files)} outputs:", ", ".join(f"{n} of {key}" for key, n in views.items()))
    return status


sys.exit(main(sys.argv[1]))
