#include "output/interruption.h"

#include "core/interrupt.h"

fsbi_status fsbi_interruption_error(fsbi_error *error) {
    return fsbi_error_set(
        error, FSBI_UNFINISHED,
        "stopped by %s before the end; what is done is kept, and the same command "
        "goes on from there",
        fsbi_interrupt_reason());
}

fsbi_status fsbi_interruption_check(fsbi_error *error) {
    return fsbi_interrupt_requested() ? fsbi_interruption_error(error) : FSBI_OK;
}
