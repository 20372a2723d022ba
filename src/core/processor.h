/** Whether this machine's processor has the instructions that the program was built for. */
#ifndef FSBI_CORE_PROCESSOR_H
#define FSBI_CORE_PROCESSOR_H

/** The name of a set of instructions that is missing, or NULL. Only knows those that matter: AVX2,
 * FMA and AVX-512 on x86-64. */
const char *fsbi_processor_lacks(void);

#endif
