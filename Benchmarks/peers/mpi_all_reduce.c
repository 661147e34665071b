// Times MPI_Allreduce over float32, the peer of `troupe bench all-reduce`: mpirun -n RANKS mpi_all_reduce BYTES REPEATS.
// One sum after the other; rank 0's durations count. Prints a JSON object with the keys of `troupe bench all-reduce`.
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int count, char **words) {
    MPI_Init(&count, &words);
    int rank, ranks;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    if (count != 3) {
        if (rank == 0) fprintf(stderr, "usage: mpi_all_reduce BYTES REPEATS\n");
        MPI_Abort(MPI_COMM_WORLD, 64);
    }
    long bytes = atol(words[1]), repeats = atol(words[2]);
    int elements = (int)(bytes / 4);
    float *buffer = malloc(bytes);
    double *times = malloc(repeats * sizeof *times);
    if (!buffer || !times || elements < 1 || repeats < 1) MPI_Abort(MPI_COMM_WORLD, 65);
    for (int i = 0; i < elements; i++) buffer[i] = rank + 1;
    MPI_Allreduce(MPI_IN_PLACE, buffer, elements, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
    for (int i = 0; i < elements; i++) {
        if (buffer[i] != ranks * (ranks + 1) / 2) MPI_Abort(MPI_COMM_WORLD, 70);
        buffer[i] = 0;
    }
    for (int i = 0; i < 5; i++) MPI_Allreduce(MPI_IN_PLACE, buffer, elements, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
    MPI_Barrier(MPI_COMM_WORLD);
    for (long i = 0; i < repeats; i++) {
        double start = MPI_Wtime();
        MPI_Allreduce(MPI_IN_PLACE, buffer, elements, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
        times[i] = MPI_Wtime() - start;
    }
    MPI_Barrier(MPI_COMM_WORLD);
    if (rank == 0) {
        qsort(times, repeats, sizeof *times, ascending);
        double median = (times[repeats / 2] + times[(repeats - 1) / 2]) / 2;
        long last = (99 * repeats + 99) / 100 - 1;
        printf("{\"ranks\": %d, \"bytes\": %ld, \"repeats\": %ld, \"median_seconds\": %.9g, \"p99_seconds\": %.9g, "
               "\"bus_bandwidth_gb_per_s\": %.6g}\n",
               ranks, bytes, repeats, median, times[last], 2.0 * (ranks - 1) / ranks * bytes / median / 1e9);
    }
    MPI_Finalize();
    return 0;
}
