#include "inference/box_map.h"

#include <math.h>

/* Position within the box, 0 to 1, kept off the ends. */
static double share_of(const fsbi_box *box, double theta) {
    const double share = (theta - box->low) / (box->high - box->low);
    return fmin(fmax(share, box->margin), 1 - box->margin);
}

double fsbi_box_stretch(const fsbi_box *box, double theta) {
    const double share = share_of(box, theta);
    return log(share / (1 - share));
}

double fsbi_box_unstretch(const fsbi_box *box, double coordinate) {
    return box->low + (box->high - box->low) / (1 + exp(-coordinate));
}

double fsbi_box_log_rate(const fsbi_box *box, double theta) {
    const double share = share_of(box, theta);
    return -log(share * (1 - share) * (box->high - box->low));
}

double fsbi_box_log_rate_gradient(const fsbi_box *box, double theta) {
    const double share = share_of(box, theta);
    return (1 / (1 - share) - 1 / share) / (box->high - box->low);
}

double fsbi_box_slope(const fsbi_box *box, double coordinate) {
    const double share = 1 / (1 + exp(-coordinate));
    return (box->high - box->low) * share * (1 - share);
}
