/** Bounds of a plastic weight. */
#ifndef FSBI_SNN_CLIP_H
#define FSBI_SNN_CLIP_H

static inline float fsbi_clip(float weight, float weight_min, float weight_max) {
    weight = weight > weight_min ? weight : weight_min;
    return weight < weight_max ? weight : weight_max;
}

#endif
