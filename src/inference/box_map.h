/** The logistic map between a bounded parameter and the whole line: log((theta - low) / (high -
 * theta)). */
#ifndef FSBI_INFERENCE_BOX_MAP_H
#define FSBI_INFERENCE_BOX_MAP_H

/** One parameter's bounds, both finite; `margin` is the share of the box by which positions are
 * kept off its ends, so that the map is finite there. */
typedef struct {
    double low, high, margin;
} fsbi_box;

/** The coordinate of a theta within the box. */
double fsbi_box_stretch(const fsbi_box *box, double theta);

/** The theta of a coordinate. */
double fsbi_box_unstretch(const fsbi_box *box, double coordinate);

/** Derivative of the coordinate with respect to theta, at this theta: its logarithm. */
double fsbi_box_log_rate(const fsbi_box *box, double theta);

/** And the derivative of that logarithm with respect to theta. */
double fsbi_box_log_rate_gradient(const fsbi_box *box, double theta);

/** Derivative of theta with respect to the coordinate, at this coordinate. */
double fsbi_box_slope(const fsbi_box *box, double coordinate);

#endif
