#include "campaign/phase.h"

#include "cluster/cluster.h"
#include "core/clock.h"

fsbi_timed_phase fsbi_phase_start(size_t round, fsbi_phase phase, bool counts) {
    return (fsbi_timed_phase){
        .round = round, .phase = phase, .started = fsbi_clock_seconds(), .counts = counts};
}

fsbi_status fsbi_phase_end(const fsbi_campaign_state *state, const fsbi_timed_phase *timed,
                           fsbi_status status, fsbi_error *error) {
    const int ranks = fsbi_cluster_size(state->comm);
    /* Rank 0 hardly counts where there are others. */
    const int computing = ranks > 1 ? ranks - 1 : 1;
    const double wall_time = fsbi_clock_seconds() - timed->started;
    const fsbi_phase_time time = {wall_time, wall_time * computing, timed->idle};
    fsbi_status written = FSBI_OK;
    /* What came before a failure is no reason to hide the failure. */
    if (state->first_rank && timed->counts)
        written = fsbi_campaign_file_add_time(state->file, timed->round, timed->phase, &time,
                                              status == FSBI_OK ? error : NULL);
    return fsbi_cluster_agree(state->comm, status == FSBI_OK ? written : status, error);
}
