"""Whether a search finds a better recipe than the default, with the budget of 20 default trainings.

    python benchmarks/tune.py DATA [--study STUDY] [--trials 20] [--epochs 30] [--json]

DATA is a folder of pictures in classes, best with a test part of its own. Every trial has the
default's epochs at most, and those that fall behind are stopped, so the search costs no more than
so many default trainings. The winner and the default are then trained with three seeds each and
measured on the test part, which has chosen nothing. Prints both, their difference with its 95 %
interval (paired, over the test pictures, averaged over the seeds), and the spread over the seeds.
The same command goes on where it was stopped.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from stamp import stamp

from olhar import hub
from olhar.classify.recipe import Classifier
from olhar.commands.tune import judge, table
from olhar.training import tune_report
from olhar.training.space import ranges
from olhar.training.tune import Study


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--study", type=Path, default=Path("study"), help="folder [study]")
    parser.add_argument("--trials", type=int, default=20, help="of the search [20]")
    parser.add_argument("--epochs", type=int, default=0, help="of each training [the default's]")
    parser.add_argument("--size", type=int, default=0, help="side of the pictures [the default's]")
    parser.add_argument("--search", nargs="*", default=(), help="fields, as of olhar tune")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps [auto]")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    chosen = {"epochs": options.epochs} if options.epochs else {}
    recipe = Classifier(data=options.data, size=options.size, **chosen)
    study = Study(options.study, recipe, ranges(recipe, options.search))
    for _ in study.run(options.trials, options.device):
        pass
    best = study.best()
    if best is None:
        raise SystemExit("no trial came to its end")
    verdict = judge(study, options.device)
    page, _ = tune_report.write(study, verdict)
    spent = sum(each.epochs for each in study.tried())
    result: dict[str, Any] = {
        **stamp(),
        "budget": options.trials * recipe.epochs,
        "spent": spent,
        "winner": best.values,
        "verdict": verdict,
        "accuracy": {
            side: _accuracies(options.study, side, verdict["part"])
            for side in ("default", "winner")
        },
        "page": str(page),
    }
    if options.json:
        print(json.dumps(result, indent=2))
        return
    print(f"{spent} of {result['budget']} epochs spent; winner: {best.values}")
    for side, values in result["accuracy"].items():
        mean = sum(values) / len(values)
        print(f"{side:<8} {' '.join(f'{v:.4f}' for v in values)}   mean {mean:.4f}")
    print("\n".join(table(verdict["measures"], "default", "winner")))


def _accuracies(study: Path, side: str, part: str) -> list[float]:
    """Of each seed, as the cards say."""
    cards = [hub.read_card(hub.find(run)) for run in sorted((study / "finals").glob(f"{side}-*"))]
    return [card.metrics[part]["accuracy"] for card in cards]


if __name__ == "__main__":
    main()
