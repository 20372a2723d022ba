/* The task farm. Rank 0 sends TASK messages, the index followed by the description, and gets a
 * RESULT for each, a head followed by the answer; a TASK of no index ends a worker's part. After a
 * failure it first sends everybody an empty STOP, which stands there until that part ends. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/cluster.h"
#include "cluster/wait.h"
#include "core/memory.h"

enum { TASK = 1, RESULT = 2, STOP = 3 };

/* Tasks that a rank may hold at once. */
enum { SLOTS = 2 };

/* Instead of an index: the end, and the end after a STOP. */
static const uint64_t no_task = UINT64_MAX;
static const uint64_t no_task_after_stop = UINT64_MAX - 1;

typedef struct {
    uint64_t index;
    int64_t status;
} result_head;

/* One rank's part; all but job, comm and the messages is rank 0's view of the others. */
typedef struct {
    const fsbi_cluster_job *job;
    MPI_Comm comm;
    int workers;
    size_t next; /* task to hand out */
    size_t done;
    size_t under_way;
    unsigned char *tasks;  /* messages from rank 0: SLOTS for each rank, since they are sent in the
                              background */
    MPI_Request *sending;  /* of each slot */
    int *slot;             /* the one that each rank's next message goes into */
    unsigned char *result; /* one message to it */
    int *held;             /* tasks that each rank has; by rank */
    bool called_off;       /* the others know of a failure */
    fsbi_status status;
    fsbi_error *error;
} farm;

static size_t task_bytes(const fsbi_cluster_job *job) {
    return sizeof(uint64_t) + job->task_size;
}

static size_t result_bytes(const fsbi_cluster_job *job) {
    return sizeof(result_head) + job->result_size;
}

static fsbi_status check(const fsbi_cluster_job *job, fsbi_error *error) {
    return job->check == NULL ? FSBI_OK : job->check(job->context, error);
}

static fsbi_status run_alone(const fsbi_cluster_job *job, fsbi_error *error) {
    void *task = fsbi_memory_allocate(job->task_size, 1, error);
    void *result = fsbi_memory_allocate(job->result_size, 1, error);
    fsbi_status status = task == NULL || result == NULL ? FSBI_NO_MEMORY : FSBI_OK;
    for (size_t index = 0; index < job->task_count && status == FSBI_OK; index++) {
        if (job->progress != NULL)
            job->progress(job->context, index);
        job->describe(job->context, index, task);
        status = check(job, error);
        if (status == FSBI_OK)
            status = job->work(job->context, task, result, error);
        if (status == FSBI_OK)
            status = job->collect(job->context, index, result, error);
    }
    if (job->progress != NULL && status == FSBI_OK)
        job->progress(job->context, job->task_count);
    free(task);
    free(result);
    return status;
}

/* Never waits for the receiver: it may be sending a result itself. A slot is used again only after
 * the result of the task before has come, so that its message has long been taken. */
static void send_task(farm *c, int rank, uint64_t index) {
    const size_t place = (size_t)rank * SLOTS + (size_t)c->slot[rank];
    unsigned char *message = c->tasks + place * task_bytes(c->job);
    c->slot[rank] = (c->slot[rank] + 1) % SLOTS;
    fsbi_cluster_wait(&c->sending[place]);
    memcpy(message, &index, sizeof index);
    if (index < no_task_after_stop) {
        c->job->describe(c->job->context, (size_t)index, message + sizeof index);
        c->held[rank]++;
        c->under_way++;
    }
    MPI_Isend(message, (int)task_bytes(c->job), MPI_BYTE, rank, TASK, c->comm, &c->sending[place]);
}

/* Everybody gets one task before anybody gets a second; a second one only while there are plenty
 * left, so that at the end nobody sits on a task that an idle rank could do. */
static void hand_out(farm *c) {
    const fsbi_cluster_job *job = c->job;
    int most = job->prefetch ? SLOTS : 1;
    for (int held = 0; held < most; held++) {
        for (int rank = 1; rank <= c->workers && c->status == FSBI_OK; rank++) {
            if (c->held[rank] != held || c->next == job->task_count)
                continue;
            if (held > 0 && job->task_count - c->next <= (size_t)c->workers)
                continue;
            send_task(c, rank, c->next++);
        }
    }
}

/* Takes in one result if there is one. */
static bool receive(farm *c) {
    int arrived = 0;
    MPI_Status from;
    MPI_Iprobe(MPI_ANY_SOURCE, RESULT, c->comm, &arrived, &from);
    if (!arrived)
        return false;
    int bytes = 0;
    MPI_Get_count(&from, MPI_BYTE, &bytes);
    MPI_Recv(c->result, bytes, MPI_BYTE, from.MPI_SOURCE, RESULT, c->comm, MPI_STATUS_IGNORE);
    result_head head;
    memcpy(&head, c->result, sizeof head);
    c->held[from.MPI_SOURCE]--;
    c->under_way--;
    if (c->status != FSBI_OK)
        return true;
    c->status = (fsbi_status)head.status;
    if (c->status != FSBI_OK) {
        if (c->error != NULL)
            memcpy(c->error, c->result + sizeof head, sizeof *c->error);
    } else {
        c->status =
            c->job->collect(c->job->context, (size_t)head.index, c->result + sizeof head, c->error);
        c->done++;
    }
    return true;
}

/* After a failure, one's own included, tells the others. */
static void check_all(farm *c) {
    if (c->status == FSBI_OK)
        c->status = check(c->job, c->error);
    if (c->status == FSBI_OK || c->called_off)
        return;
    for (int rank = 1; rank <= c->workers; rank++)
        MPI_Send(NULL, 0, MPI_BYTE, rank, STOP, c->comm);
    c->called_off = true;
}

/* Hands out everything and takes everything in. */
static fsbi_status coordinate(farm *c) {
    fsbi_cluster_patience patience = {0};
    check_all(c);
    hand_out(c);
    while (c->under_way > 0) {
        bool received = false;
        while (c->under_way > 0 && receive(c)) {
            received = true;
            hand_out(c);
        }
        check_all(c);
        if (c->job->progress != NULL)
            c->job->progress(c->job->context, c->done);
        if (received)
            patience = (fsbi_cluster_patience){0};
        else
            fsbi_cluster_pause(&patience);
    }
    for (int rank = 1; rank <= c->workers; rank++)
        send_task(c, rank, c->called_off ? no_task_after_stop : no_task);
    for (int place = 0; place < (c->workers + 1) * SLOTS; place++)
        fsbi_cluster_wait(&c->sending[place]);
    return c->status;
}

/* Waits for the next task; false when there are no more. */
static bool next_task(const farm *c, uint64_t *index) {
    MPI_Request request;
    MPI_Irecv(c->tasks, (int)task_bytes(c->job), MPI_BYTE, 0, TASK, c->comm, &request);
    fsbi_cluster_wait(&request);
    memcpy(index, c->tasks, sizeof *index);
    if (*index == no_task_after_stop)
        MPI_Recv(NULL, 0, MPI_BYTE, 0, STOP, c->comm, MPI_STATUS_IGNORE);
    return *index < no_task_after_stop;
}

bool fsbi_cluster_called_off(MPI_Comm comm) {
    int waiting = 0;
    if (fsbi_cluster_rank(comm) > 0)
        MPI_Iprobe(0, STOP, comm, &waiting, MPI_STATUS_IGNORE);
    return waiting != 0;
}

/* A worker's part. */
static void serve(const farm *c) {
    const fsbi_cluster_job *job = c->job;
    result_head head = {0};
    while (next_task(c, &head.index)) {
        fsbi_error error = {0};
        fsbi_status status = fsbi_cluster_called_off(c->comm)
                                 ? fsbi_error_set(&error, FSBI_UNFINISHED, "called off")
                                 : check(job, &error);
        if (status == FSBI_OK)
            status = job->work(job->context, c->tasks + sizeof head.index, c->result + sizeof head,
                               &error);
        head.status = status;
        memcpy(c->result, &head, sizeof head);
        size_t bytes = result_bytes(job);
        if (status != FSBI_OK) {
            memcpy(c->result + sizeof head, &error, sizeof error);
            bytes = sizeof head + sizeof error;
        }
        MPI_Request request;
        MPI_Isend(c->result, (int)bytes, MPI_BYTE, 0, RESULT, c->comm, &request);
        fsbi_cluster_wait(&request);
    }
}

fsbi_status fsbi_cluster_run(MPI_Comm comm, const fsbi_cluster_job *job, fsbi_error *error) {
    if (fsbi_cluster_size(comm) == 1)
        return run_alone(job, error);
    const size_t failure = sizeof(result_head) + sizeof(fsbi_error);
    const size_t result = result_bytes(job) > failure ? result_bytes(job) : failure;
    farm c = {.job = job, .comm = comm, .workers = fsbi_cluster_size(comm) - 1, .error = error};
    const size_t ranks = (size_t)c.workers + 1;
    c.tasks = fsbi_memory_allocate(ranks * SLOTS, task_bytes(job), error);
    c.sending = fsbi_memory_allocate(ranks * SLOTS, sizeof(MPI_Request), error);
    c.slot = fsbi_memory_allocate(ranks, sizeof *c.slot, error);
    c.result = fsbi_memory_allocate(result, 1, error);
    c.held = fsbi_memory_allocate(ranks, sizeof *c.held, error);
    bool complete = c.tasks != NULL && c.sending != NULL && c.slot != NULL && c.result != NULL &&
                    c.held != NULL;
    fsbi_status status = fsbi_cluster_agree(comm, complete ? FSBI_OK : FSBI_NO_MEMORY, error);
    for (size_t place = 0; place < ranks * SLOTS && complete; place++)
        c.sending[place] = MPI_REQUEST_NULL;
    if (complete && status == FSBI_OK) {
        if (fsbi_cluster_rank(comm) == 0)
            status = coordinate(&c);
        else
            serve(&c);
        status = fsbi_cluster_agree(comm, status, error);
    }
    free(c.tasks);
    free(c.sending);
    free(c.slot);
    free(c.result);
    free(c.held);
    return status;
}
