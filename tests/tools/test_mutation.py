from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tools.mutation.__main__ import TARGETS, margin, sources
from tools.mutation.mutants import mutants
from tools.mutation.session import become, functions_of

ROOT = Path(__file__).resolve().parents[2]

SOURCE = '''
import functools

LIMIT = 3


def doubled(function):
    @functools.wraps(function)
    def inner(number):
        return 2 * function(number)
    return inner


@doubled
def fee(number):
    """What is asked."""
    if number > LIMIT:
        return number + 1
    return 0


def forgotten(number):
    return number - 1


def endless(number):
    while number > 0:
        number -= 1
    return number
'''

TESTS = """
from fees import endless, fee


def test_fee():
    assert fee(5) == 12


def test_endless():
    assert endless(2) == 0
"""


def written(folder):
    path = folder / "fees.py"
    path.write_text(SOURCE)
    return path


def loaded(path):
    names = {}
    exec(compile(path.read_text(), str(path), "exec", dont_inherit=True), names)
    return names


def test_decorated_functions_are_changed_and_decorators_are_not(tmp_path):
    found = [str(mutant) for mutant in mutants([written(tmp_path)])]
    assert any("+        return number - 1" in text for text in found)
    assert not any("wraps" in text for text in found)
    assert not any("LIMIT = " in text for text in found)


def test_a_change_takes_effect_in_a_decorated_function_that_is_there_already(tmp_path):
    path = written(tmp_path)
    fee = loaded(path)["fee"]
    (minus,) = [mutant for mutant in mutants([path]) if "+        return number - 1" in str(mutant)]
    assert fee(5) == 12
    become(minus, functions_of(str(path)))
    assert fee(5) == 8


def test_a_change_takes_effect_in_a_closure_that_is_there_already(tmp_path):
    path = written(tmp_path)
    fee = loaded(path)["fee"]
    (thrice,) = [mutant for mutant in mutants([path]) if "return 3 * function" in str(mutant)]
    become(thrice, functions_of(str(path)))
    assert fee(5) == 18


def test_a_change_that_cannot_run_is_no_mutant(tmp_path):
    path = tmp_path / "fees.py"
    path.write_text("def fee(number=1):\n    return number\n")
    assert [mutant.exchanges() for mutant in mutants([path])] == [{}]


def test_a_statement_is_found_by_any_of_its_lines_and_a_block_by_its_head(tmp_path):
    path = tmp_path / "fees.py"
    path.write_text(
        "def fee(n):\n    if (n\n            > 1):\n        return max(\n            n, 2)\n    return 0\n"
    )
    statements = mutants([path])[0].file.statements
    assert statements == {1: (1, 1), 2: (2, 3), 3: (2, 3), 4: (4, 5), 5: (4, 5), 6: (6, 6)}


def test_a_sample_of_all_has_no_margin():
    assert margin(0.8, 400, 400) == 0
    assert round(margin(0.8, 400, 10_000), 3) == 0.038


def test_every_target_is_there():
    assert all(sources(target) and (ROOT / target.tests).is_dir() for target in TARGETS.values())


def run_on_a_small_package(folder):
    """What the word prints for the small package above."""
    (folder / "package").mkdir()
    (folder / "tests").mkdir()
    written(folder / "package")
    (folder / "tests" / "test_fees.py").write_text(TESTS)
    script = (
        "import sys; sys.path.insert(0, sys.argv[1] + '/package')\n"
        "from pathlib import Path\n"
        "from tools.mutation import session, __main__ as word\n"
        "session.LEAST_SECONDS = 1\n"
        "word.TARGETS['small'] = word.Target(sys.argv[1] + '/package', sys.argv[1] + '/tests')\n"
        "word.REPORTS = Path(sys.argv[1])\n"
        "sys.exit(word.main(['small', '--full']))\n"
    )
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (folder / "small.txt").exists(), done.stdout + done.stderr
    return done, (folder / "small.txt").read_text()


def test_the_run_tells_what_the_tests_notice_and_what_not(tmp_path):
    done, left = run_on_a_small_package(tmp_path)
    killed, tried = done.stdout.splitlines()[-1].removeprefix("mutation small: ").split("/")
    assert 0 < int(killed) < int(tried)
    assert "2 timeout" in done.stdout  # `number += 1` and `number = 1` never end
    assert left.count("timeout ") == 2
    assert "+        number += 1" in left
    assert "+        return number - 1" not in left  # test_fee fails
    assert "survived package/fees.py" in left.replace(f"{tmp_path}/", "")  # nobody asks for a fee of 3
    assert "+    return number + 1" in left.split("unreached", 1)[1]  # nobody calls `forgotten`
    assert done.returncode == 1
