#include "CSentencePiece.h"

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

struct csp_model {
    sentencepiece::SentencePieceProcessor processor;
};

struct csp_encoding {
    std::vector<int> ids;
    std::vector<std::string> pieces;
};

static_assert(sizeof(int) == sizeof(int32_t), "ids are handed out without a copy");

namespace {

char *copy(std::string_view text) {
    char *result = static_cast<char *>(std::malloc(text.size() + 1));
    if (result == nullptr) return nullptr;
    if (!text.empty()) std::memcpy(result, text.data(), text.size());
    result[text.size()] = '\0';
    return result;
}

void report(char **error, std::string_view message) {
    if (error != nullptr) *error = copy(message);
}

std::string_view view(const char *text, size_t length) {
    return length == 0 ? std::string_view("") : std::string_view(text, length);
}

/// Runs `body` (a function returning a library status) and turns a bad status or an exception into a message.
template <typename Body>
bool guarded(char **error, Body body) {
    try {
        const sentencepiece::util::Status status = body();
        if (status.ok()) return true;
        report(error, status.error_message());
    } catch (const std::exception &exception) {
        report(error, exception.what());
    } catch (...) {
        report(error, "unknown failure in the SentencePiece library");
    }
    return false;
}

class CallbackSentences final : public sentencepiece::SentenceIterator {
  public:
    CallbackSentences(csp_next_sentence next, void *context) : next_(next), context_(context) { Next(); }

    bool done() const override { return done_; }

    void Next() override {
        const char *text = nullptr;
        size_t length = 0;
        done_ = !next_(context_, &text, &length);
        if (done_) {
            value_.clear();
        } else {
            value_.assign(view(text, length));
        }
    }

    const std::string &value() const override { return value_; }
    sentencepiece::util::Status status() const override { return {}; }

  private:
    csp_next_sentence next_;
    void *context_;
    bool done_ = false;
    std::string value_;
};

}  // namespace

extern "C" {

csp_model *csp_model_load(const void *bytes, size_t count, char **error) {
    std::unique_ptr<csp_model> model;
    const bool loaded = guarded(error, [&] {
        model = std::make_unique<csp_model>();
        return model->processor.LoadFromSerializedProto(view(static_cast<const char *>(bytes), count));
    });
    return loaded ? model.release() : nullptr;
}

void csp_model_free(csp_model *model) { delete model; }

int32_t csp_model_size(const csp_model *model) { return model->processor.GetPieceSize(); }

const char *csp_model_piece(const csp_model *model, int32_t id, size_t *length) {
    const std::string &piece = model->processor.IdToPiece(id);
    *length = piece.size();
    return piece.data();
}

float csp_model_score(const csp_model *model, int32_t id) { return model->processor.GetScore(id); }

csp_piece_type csp_model_type(const csp_model *model, int32_t id) {
    if (model->processor.IsUnknown(id)) return csp_piece_unknown;
    if (model->processor.IsControl(id)) return csp_piece_control;
    if (model->processor.IsUnused(id)) return csp_piece_unused;
    if (model->processor.IsByte(id)) return csp_piece_byte;
    return csp_piece_normal;
}

int32_t csp_model_id(const csp_model *model, const char *piece, size_t length) {
    return model->processor.PieceToId(view(piece, length));
}

int32_t csp_model_unknown_id(const csp_model *model) { return model->processor.unk_id(); }

csp_encoding *csp_encoding_new(void) { return new (std::nothrow) csp_encoding; }

void csp_encoding_free(csp_encoding *encoding) { delete encoding; }

bool csp_encode(const csp_model *model, const char *text, size_t length, csp_encoding *encoding, char **error) {
    encoding->pieces.clear();
    return guarded(error, [&] { return model->processor.Encode(view(text, length), &encoding->ids); });
}

bool csp_encode_pieces(const csp_model *model, const char *text, size_t length, csp_encoding *encoding, char **error) {
    return guarded(error, [&] {
        auto status = model->processor.Encode(view(text, length), &encoding->pieces);
        if (!status.ok()) return status;
        encoding->ids.clear();
        for (const std::string &piece : encoding->pieces) {
            encoding->ids.push_back(model->processor.PieceToId(piece));
        }
        return status;
    });
}

size_t csp_encoding_count(const csp_encoding *encoding) { return encoding->ids.size(); }

const int32_t *csp_encoding_ids(const csp_encoding *encoding) {
    return encoding->ids.empty() ? nullptr : encoding->ids.data();
}

const char *csp_encoding_piece(const csp_encoding *encoding, size_t index, size_t *length) {
    const std::string &piece = encoding->pieces[index];
    *length = piece.size();
    return piece.data();
}

char *csp_decode(const csp_model *model, const int32_t *ids, size_t count, size_t *length, char **error) {
    std::string text;
    const bool decoded = guarded(error, [&] {
        if (count == 0) return sentencepiece::util::Status();
        return model->processor.Decode(std::vector<int>(ids, ids + count), &text);
    });
    if (!decoded) return nullptr;
    *length = text.size();
    return copy(text);
}

char *csp_train(const char *const *keys, const char *const *values, size_t options, csp_next_sentence next,
                void *context, size_t *length, char **error) {
    std::string model;
    const bool trained = guarded(error, [&] {
        std::unordered_map<std::string, std::string> arguments;
        for (size_t i = 0; i < options; ++i) arguments[keys[i]] = values[i];
        CallbackSentences sentences(next, context);
        return sentencepiece::SentencePieceTrainer::Train(arguments, &sentences, &model);
    });
    if (!trained) return nullptr;
    *length = model.size();
    return copy(model);
}

void csp_string_free(char *string) { std::free(string); }
}
