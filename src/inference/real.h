/**
 * The precision of networks, and the prefix of OpenBLAS's functions in it. Single precision; tests
 * that check gradients compile the same sources with FSBI_DOUBLE_NETWORKS.
 */
#ifndef FSBI_INFERENCE_REAL_H
#define FSBI_INFERENCE_REAL_H

#include <gsl/gsl_cblas.h>
#include <stddef.h>

#ifdef FSBI_DOUBLE_NETWORKS
typedef double fsbi_real;
#define FSBI_CBLAS(name) cblas_d##name
#else
typedef float fsbi_real;
#define FSBI_CBLAS(name) cblas_s##name
#endif

#endif
