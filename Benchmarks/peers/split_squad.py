"""Splits a file in the form of SQuAD by paragraphs: every fifth paragraph, with its questions, is for development.

XQuAD has no training part; with five paragraphs to each of its articles, this takes one of each. The same file always
gives the same split. Needs the standard library only.
"""

import argparse
import json
import pathlib

PERIOD = 5


def split(source, folder):
    """Writes `train.json` and `dev.json` to a folder; returns the number of questions in each."""
    document = json.loads(pathlib.Path(source).read_text(encoding="utf-8"))
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    counts = []
    for name, is_wanted in [("train", lambda place: place % PERIOD), ("dev", lambda place: not place % PERIOD)]:
        articles, place = [], 0
        for article in document["data"]:
            paragraphs = []
            for paragraph in article["paragraphs"]:
                place += 1
                if is_wanted(place):
                    paragraphs.append(paragraph)
            if paragraphs:
                articles.append(article | {"paragraphs": paragraphs})
        counts.append(sum(len(paragraph["qas"]) for article in articles for paragraph in article["paragraphs"]))
        text = json.dumps(document | {"data": articles}, ensure_ascii=False)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", help="the file to split")
    parser.add_argument("folder", help="where train.json and dev.json go")
    options = parser.parse_args()
    training, development = split(options.source, options.folder)
    print(json.dumps({"training_questions": training, "development_questions": development}))


if __name__ == "__main__":
    main()
