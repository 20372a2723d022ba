/**
 * The precision of networks: single, or double in sources that define FSBI_DOUBLE_NETS before they
 * include anything. The sources of nets/ are compiled in both, under the names below, so that one
 * program can use both: flows train in single precision, models whose gradients must be precise in
 * double.
 */
#ifndef FSBI_NETS_REAL_H
#define FSBI_NETS_REAL_H

#include <stddef.h>

/** FSBI_CBLAS(name): the function of BLAS in this precision. */
#ifdef FSBI_DOUBLE_NETS
typedef double fsbi_real;
#define FSBI_CBLAS(name) cblas_d##name
#define fsbi_product fsbi_product_double
#define fsbi_product_transposed fsbi_product_transposed_double
#define fsbi_product_add_outer fsbi_product_add_outer_double
#define fsbi_adam_init fsbi_adam_init_double
#define fsbi_adam_clear fsbi_adam_clear_double
#define fsbi_adam_clip fsbi_adam_clip_double
#define fsbi_adam_step fsbi_adam_step_double
#define fsbi_batch_from_rows fsbi_batch_from_rows_double
#define fsbi_batch_to_rows fsbi_batch_to_rows_double
#define fsbi_batch_ones fsbi_batch_ones_double
#define fsbi_residual_net_parameters fsbi_residual_net_parameters_double
#define fsbi_residual_net_initialise fsbi_residual_net_initialise_double
#define fsbi_residual_net_mask fsbi_residual_net_mask_double
#define fsbi_residual_net_init fsbi_residual_net_init_double
#define fsbi_residual_net_clear fsbi_residual_net_clear_double
#define fsbi_residual_net_forward fsbi_residual_net_forward_double
#define fsbi_residual_net_backward fsbi_residual_net_backward_double
#else
typedef float fsbi_real;
#define FSBI_CBLAS(name) cblas_s##name
#endif

#endif
