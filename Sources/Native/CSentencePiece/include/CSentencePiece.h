#pragma once
// A C view of the SentencePiece library: load, encode, decode, look up pieces, train.
//
// Errors: a function that can fail returns NULL, false or -1 and, when `error` is not NULL, sets `*error` to a
// NUL-terminated message that the caller releases with `csp_string_free`. No C++ exception crosses this border.
// Strings are UTF-8 with an explicit length in bytes; they need not end in NUL and may be empty (length 0).
// Threads: a `csp_model` may be used from any number of threads at once; a `csp_encoding` belongs to one caller.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct csp_model csp_model;
typedef struct csp_encoding csp_encoding;

typedef enum {
    csp_piece_normal = 0,
    csp_piece_unknown = 1,
    csp_piece_control = 2,
    csp_piece_unused = 3,
    csp_piece_byte = 4,
} csp_piece_type;

/// Loads a serialized model of `count` bytes; the bytes are copied. Free with `csp_model_free`.
csp_model *csp_model_load(const void *bytes, size_t count, char **error);
void csp_model_free(csp_model *model);

/// Number of pieces. Ids run from 0 to this number, exclusive.
int32_t csp_model_size(const csp_model *model);
/// The text of piece `id` (0 <= id < size); it lives as long as the model. `*length` is in bytes.
const char *csp_model_piece(const csp_model *model, int32_t id, size_t *length);
/// The log probability of piece `id` (0 <= id < size).
float csp_model_score(const csp_model *model, int32_t id);
/// The kind of piece `id` (0 <= id < size). User-defined symbols count as normal.
csp_piece_type csp_model_type(const csp_model *model, int32_t id);
/// The id of a piece, the unknown id if there is none.
int32_t csp_model_id(const csp_model *model, const char *piece, size_t length);
/// The id of the unknown piece.
int32_t csp_model_unknown_id(const csp_model *model);

/// A reusable result of `csp_encode`.
csp_encoding *csp_encoding_new(void);
void csp_encoding_free(csp_encoding *encoding);

/// Encodes `length` bytes of text into ids (best segmentation); replaces what `encoding` held.
bool csp_encode(const csp_model *model, const char *text, size_t length, csp_encoding *encoding, char **error);
/// As `csp_encode`, and keeps the text of every piece too, unknown ones as they stand in the normalized text.
bool csp_encode_pieces(const csp_model *model, const char *text, size_t length, csp_encoding *encoding, char **error);
size_t csp_encoding_count(const csp_encoding *encoding);
/// `csp_encoding_count` ids, valid until the encoding is used again. NULL when there are none.
const int32_t *csp_encoding_ids(const csp_encoding *encoding);
/// Text of the piece at `index` after `csp_encode_pieces`; valid until the encoding is used again.
const char *csp_encoding_piece(const csp_encoding *encoding, size_t index, size_t *length);

/// Decodes ids (each 0 <= id < size) to text of `*length` bytes, released with `csp_string_free`.
char *csp_decode(const csp_model *model, const int32_t *ids, size_t count, size_t *length, char **error);

/// Gives the trainer one sentence at a time: returns false at the end, else points `*text` at `*length` bytes that
/// stay valid until the next call.
typedef bool (*csp_next_sentence)(void *context, const char **text, size_t *length);

/// Trains a model from sentences. `keys[i]`, `values[i]` (NUL-terminated, `options` of each) are the flags of the
/// library's own trainer without the leading dashes. Returns the serialized model of `*length` bytes, released with
/// `csp_string_free`. `next` is called on the calling thread only.
char *csp_train(const char *const *keys, const char *const *values, size_t options, csp_next_sentence next,
                void *context, size_t *length, char **error);

void csp_string_free(char *string);

#ifdef __cplusplus
}
#endif
