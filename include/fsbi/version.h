/** The version of libfsbi; the build checks that it is the project's. */
#ifndef FSBI_VERSION_H
#define FSBI_VERSION_H

#define FSBI_VERSION "0.1.0"

#endif
