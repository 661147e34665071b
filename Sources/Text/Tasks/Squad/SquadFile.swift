internal import Foundation

/// Reads files of the Stanford Question Answering Dataset, versions 1.1 and 2.0.
package enum SquadFile {
    /// The questions of a file in its order.
    ///
    /// - Throws: `unreadable`, or `malformedDataset` naming the file, the place (`data[0].paragraphs[2].qas[1]`), the
    ///   question's id and the key.
    package static func read(_ path: String) throws(TextError) -> [QuestionExample] {
        let file = try MappedFile(path)
        let data = unsafe file.withBytes { unsafe Data($0) }
        let root: Root
        do {
            root = try JSONDecoder().decode(Root.self, from: data)
        } catch let fault as QuestionFault {
            throw TextError(.malformedDataset, "\(path): \(explain(fault.error)) (question \(fault.id))")
        } catch let error as DecodingError {
            throw TextError(.malformedDataset, "\(path): \(explain(error))")
        } catch {
            throw TextError(.malformedDataset, "\(path): \(error.localizedDescription)")
        }
        var examples: [QuestionExample] = []
        var paragraphCount = 0
        for (articleIndex, article) in root.data.enumerated() {
            for (paragraphIndex, paragraph) in article.paragraphs.enumerated() {
                let length = paragraph.context.unicodeScalars.count
                for (questionIndex, question) in paragraph.qas.enumerated() {
                    for (answerIndex, answer) in question.answers.enumerated()
                    where !(0..<max(length, 1)).contains(answer.start) {
                        let place = "data[\(articleIndex)].paragraphs[\(paragraphIndex)].qas[\(questionIndex)]"
                        throw TextError(
                            .malformedDataset,
                            "\(path): \(place).answers[\(answerIndex)].answer_start: expected a place in the passage "
                                + "of \(length) characters, got \(answer.start) (question \(question.id))")
                    }
                    examples.append(
                        QuestionExample(
                            id: question.id, title: article.title, question: question.question,
                            passage: paragraph.context, answers: question.answers, isImpossible: question.isImpossible,
                            paragraph: paragraphCount))
                }
                paragraphCount += 1
            }
        }
        guard !examples.isEmpty else {
            throw TextError(.malformedDataset, "\(path): expected questions under data[].paragraphs[].qas[], got none")
        }
        return examples
    }

    private static func explain(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context):
            return "key \(place(context.codingPath + [key])) is missing"
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            return "key \(place(context.codingPath)) is no \(name(of: type))"
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            return "key \(place(context.codingPath)): \(context.debugDescription)"
        default: return "not valid JSON; the file is truncated or altered"
        }
    }

    private static func place(_ path: [any CodingKey]) -> String {
        var text = ""
        for key in path {
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += (text.isEmpty ? "" : ".") + key.stringValue
            }
        }
        return text.isEmpty ? "at the top" : text
    }

    private static func name(of type: any Any.Type) -> String {
        switch type {
        case is String.Type: "text"
        case is Int.Type: "integer"
        case is Bool.Type: "boolean"
        case is [String: Any].Type: "object"
        default: "\(type)".hasPrefix("Array") ? "array" : "object"
        }
    }
}

// MARK: - What the file holds

private struct Root: Decodable {
    let data: [Article]
}

private struct Article: Decodable {
    let title: String
    let paragraphs: [Paragraph]

    enum Key: String, CodingKey { case title, paragraphs }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        title = try container.decodeIfPresent(String.self, forKey: .title) ?? ""
        paragraphs = try container.decode([Paragraph].self, forKey: .paragraphs)
    }
}

private struct Paragraph: Decodable {
    let context: String
    let qas: [Question]
}

/// What is wrong with a question whose id is known.
private struct QuestionFault: Error {
    let id: String
    let error: DecodingError
}

private struct Question: Decodable {
    let id: String
    let question: String
    let isImpossible: Bool
    let answers: [QuestionExample.Answer]

    enum Key: String, CodingKey {
        case id, question, answers
        case isImpossible = "is_impossible"
    }

    struct Answer: Decodable {
        let text: String
        let start: Int

        enum CodingKeys: String, CodingKey {
            case text
            case start = "answer_start"
        }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        id = try container.decode(String.self, forKey: .id)
        do {
            question = try container.decode(String.self, forKey: .question)
            isImpossible = try container.decodeIfPresent(Bool.self, forKey: .isImpossible) ?? false
            answers = try (container.decodeIfPresent([Answer].self, forKey: .answers) ?? []).map {
                QuestionExample.Answer(text: $0.text, start: $0.start)
            }
        } catch let error as DecodingError {
            throw QuestionFault(id: id, error: error)
        }
    }
}
