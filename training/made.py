"""Write pairs that are made, half contrasts and half paraphrases, so that a whole gate can be measured on them.

    python -m training.made --pairs training/data/held/contrast_*.jsonl --count 2000 --out build/made.jsonl
    tidegate bench cache --pairs build/made.jsonl --through-proxy

The makers are those whose contrasts trained the verifier; for prompts that it has not seen give files that train
nothing. The same files, count and seed make the same pairs.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from .pairs import generated, read


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=Path, nargs="+", required=True, help="files whose prompts are changed")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    made = generated([pair for path in options.pairs for pair in read(path)], options.count, options.seed)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    rows = ({name: value for name, value in asdict(pair).items() if name != "file"} for pair in made)
    options.out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    print(f"{len(made)} pairs in {options.out}")


if __name__ == "__main__":
    main()
