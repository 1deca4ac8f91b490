// Memory bandwidth and matrix products of one CUDA device, for machines without PyTorch.
//
//   nvcc -O3 -arch=native -o kernel_bench kernel_bench.cu            memory, and a tensor-core kernel of its own
//   nvcc -O3 -arch=native -DWITH_CUBLAS -o kernel_bench kernel_bench.cu -lcublas      cuBLAS too
//   ./kernel_bench > measured.csv
//
// It prints CSV in the columns of `datahall calibrate measure` and is read back by the same reader. Operands are random
// normal numbers from a fixed seed, cut from a buffer several times the second-level cache and taken in turn, so that
// they come from memory. Each row is the median over repeats, with p10 and p90, after a warm-up; a repeat is as many
// launches between two events as last some milliseconds. Power is left empty. Rows of the kernel written here have the
// role `reference`: it is simple (WMMA, tiles of 128 by 128, no asynchronous copies) and no framework runs it.
//
// Needs compute capability 8.0 (bf16 tensor cores). Exits with 1 and a message where there is no device.

#include <cuda_bf16.h>
#include <cuda_runtime.h>
#include <mma.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#ifdef WITH_CUBLAS
#include <cublas_v2.h>
#endif

namespace {

constexpr int kSchemaVersion = 1;
constexpr int kRepeats = 25;
constexpr double kRepeatSeconds = 5e-3;
constexpr double kWarmUpSeconds = 0.3;
constexpr int kColdCaches = 4;  // Working sets in rotation are this many times the second-level cache in all

[[noreturn]] void fail(const char* what, const char* why) {
    std::fprintf(stderr, "kernel_bench: %s: %s\n", what, why);
    std::exit(1);
}

void check(cudaError_t status, const char* what) {
    if (status != cudaSuccess) fail(what, cudaGetErrorString(status));
}

// ---- Random numbers ------------------------------------------------------------------------------------------------

__device__ uint32_t scrambled(uint32_t x) {  // Finaliser of MurmurHash3
    x ^= x >> 16;
    x *= 0x85ebca6bu;
    x ^= x >> 13;
    x *= 0xc2b2ae35u;
    return x ^ (x >> 16);
}

__global__ void fill_normal(__nv_bfloat16* out, size_t count, uint32_t seed) {  // Box and Muller 1958
    for (size_t i = blockIdx.x * size_t(blockDim.x) + threadIdx.x; i < count; i += size_t(gridDim.x) * blockDim.x) {
        uint32_t first = scrambled(uint32_t(i) * 2u + seed), second = scrambled(uint32_t(i) * 2u + 1u + seed);
        float u = (float(first) + 1.0f) * 2.3283064e-10f, v = float(second) * 2.3283064e-10f;
        out[i] = __float2bfloat16(sqrtf(-2.0f * logf(fminf(u, 1.0f))) * cospif(2.0f * v));
    }
}

// ---- Memory --------------------------------------------------------------------------------------------------------

__global__ void copy_kernel(const float4* __restrict__ from, float4* __restrict__ to, size_t count) {
    for (size_t i = blockIdx.x * size_t(blockDim.x) + threadIdx.x; i < count; i += size_t(gridDim.x) * blockDim.x)
        to[i] = from[i];
}

__global__ void read_kernel(const float4* __restrict__ from, float* __restrict__ to, size_t count) {
    float sum = 0.0f;
    for (size_t i = blockIdx.x * size_t(blockDim.x) + threadIdx.x; i < count; i += size_t(gridDim.x) * blockDim.x) {
        float4 value = from[i];
        sum += value.x + value.y + value.z + value.w;
    }
    if (sum == 1.2345678e-30f) *to = sum;  // Never so, but the compiler can not know: nothing is left out
}

__global__ void triad_kernel(const float4* __restrict__ a, const float4* __restrict__ b, float4* __restrict__ to,
                             size_t count) {
    for (size_t i = blockIdx.x * size_t(blockDim.x) + threadIdx.x; i < count; i += size_t(gridDim.x) * blockDim.x) {
        float4 x = a[i], y = b[i];
        to[i] = make_float4(x.x + 3.0f * y.x, x.y + 3.0f * y.y, x.z + 3.0f * y.z, x.w + 3.0f * y.w);
    }
}

// ---- Matrix product: c = a b^T, a (m, k) and b (n, k) by rows ------------------------------------------------------

[[maybe_unused]] constexpr int kTileM = 128, kTileN = 128, kTileK = 32, kPad = 8;

__global__ void __launch_bounds__(256) wmma_kernel(const __nv_bfloat16* __restrict__ a,
                                                   const __nv_bfloat16* __restrict__ b, __nv_bfloat16* __restrict__ c,
                                                   int m, int n, int k) {
#if __CUDA_ARCH__ >= 800  // Older targets have no bf16 tensor cores; main() refuses to run what was built for them
    using namespace nvcuda;
    __shared__ __align__(32) __nv_bfloat16 tile_a[kTileM][kTileK + kPad], tile_b[kTileN][kTileK + kPad];
    __shared__ __align__(32) float staged[8][16][16];
    const int row = blockIdx.y * kTileM, column = blockIdx.x * kTileN;
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    const int warp_row = (warp / 4) * 64, warp_column = (warp % 4) * 32;
    wmma::fragment<wmma::accumulator, 16, 16, 16, float> sums[4][2];
    for (auto& line : sums)
        for (auto& sum : line) wmma::fill_fragment(sum, 0.0f);
    for (int step = 0; step < k; step += kTileK) {
        // 256 threads bring 128 rows of 32 values of each operand, 8 values a load.
        for (int part = threadIdx.x; part < kTileM * kTileK / 8; part += 256) {
            int r = part / (kTileK / 8), s = (part % (kTileK / 8)) * 8;
            *reinterpret_cast<uint4*>(&tile_a[r][s]) =
                *reinterpret_cast<const uint4*>(a + size_t(row + r) * k + step + s);
            *reinterpret_cast<uint4*>(&tile_b[r][s]) =
                *reinterpret_cast<const uint4*>(b + size_t(column + r) * k + step + s);
        }
        __syncthreads();
        for (int inner = 0; inner < kTileK; inner += 16) {
            wmma::fragment<wmma::matrix_a, 16, 16, 16, __nv_bfloat16, wmma::row_major> left[4];
            wmma::fragment<wmma::matrix_b, 16, 16, 16, __nv_bfloat16, wmma::col_major> right[2];
            for (int i = 0; i < 4; ++i)
                wmma::load_matrix_sync(left[i], &tile_a[warp_row + 16 * i][inner], kTileK + kPad);
            for (int j = 0; j < 2; ++j)
                wmma::load_matrix_sync(right[j], &tile_b[warp_column + 16 * j][inner], kTileK + kPad);
            for (int i = 0; i < 4; ++i)
                for (int j = 0; j < 2; ++j) wmma::mma_sync(sums[i][j], left[i], right[j], sums[i][j]);
        }
        __syncthreads();
    }
    for (int i = 0; i < 4; ++i)
        for (int j = 0; j < 2; ++j) {
            wmma::store_matrix_sync(&staged[warp][0][0], sums[i][j], 16, wmma::mem_row_major);
            __syncwarp();
            for (int e = lane; e < 256; e += 32)
                c[size_t(row + warp_row + 16 * i + e / 16) * n + column + warp_column + 16 * j + e % 16] =
                    __float2bfloat16(staged[warp][e / 16][e % 16]);
            __syncwarp();
        }
#endif
}

// Largest |c - reference| over a sample of elements, relative to sqrt(k): products of normal numbers have that scale.
__global__ void sampled_error(const __nv_bfloat16* a, const __nv_bfloat16* b, const __nv_bfloat16* c, int m, int n,
                              int k, float* worst) {
    uint32_t at = scrambled(blockIdx.x * blockDim.x + threadIdx.x);
    int r = at % uint32_t(m), s = scrambled(at) % uint32_t(n);
    float sum = 0.0f;
    for (int i = 0; i < k; ++i) sum += __bfloat162float(a[size_t(r) * k + i]) * __bfloat162float(b[size_t(s) * k + i]);
    float error = fabsf(sum - __bfloat162float(c[size_t(r) * n + s])) * rsqrtf(float(k));
    atomicMax(reinterpret_cast<int*>(worst), __float_as_int(error));  // Not negative: ordered like integers
}

// ---- Timing --------------------------------------------------------------------------------------------------------

struct Timing {
    double median_s, p10_s, p90_s;
    int launches;
};

double seconds_of(const std::function<void(int)>& launch, int count, cudaEvent_t start, cudaEvent_t stop) {
    check(cudaEventRecord(start), "recording an event");
    for (int i = 0; i < count; ++i) launch(i);
    check(cudaGetLastError(), "launching a kernel");
    check(cudaEventRecord(stop), "recording an event");
    check(cudaEventSynchronize(stop), "running a kernel");
    float milliseconds = 0.0f;
    check(cudaEventElapsedTime(&milliseconds, start, stop), "reading events");
    return milliseconds * 1e-3;
}

Timing timed(const std::function<void(int)>& launch) {
    cudaEvent_t start, stop;
    check(cudaEventCreate(&start), "making an event");
    check(cudaEventCreate(&stop), "making an event");
    seconds_of(launch, 2, start, stop);
    double single_s = std::max(1e-6, seconds_of(launch, 8, start, stop) / 8);
    int launches = std::max(1, std::min(2000, int(kRepeatSeconds / single_s)));
    for (double warm_s = 0.0; warm_s < kWarmUpSeconds;) warm_s += seconds_of(launch, launches, start, stop);
    std::vector<double> times;
    for (int i = 0; i < kRepeats; ++i) times.push_back(seconds_of(launch, launches, start, stop) / launches);
    std::sort(times.begin(), times.end());
    check(cudaEventDestroy(start), "letting an event go");
    check(cudaEventDestroy(stop), "letting an event go");
    // Percentiles at (count - 1) p, which fall between two times as NumPy takes them.
    auto percentile = [&](double p) {
        double place = p * (times.size() - 1);
        size_t below = size_t(place);
        size_t above = std::min(below + 1, times.size() - 1);
        return times[below] + (place - below) * (times[above] - times[below]);
    };
    return {percentile(0.5), percentile(0.1), percentile(0.9), launches};
}

// ---- Output --------------------------------------------------------------------------------------------------------

struct Machine {
    std::string device, driver, cuda;
    size_t l2_b;
};

// One figure of nvidia-smi, or "" where the program or the figure is not there.
std::string asked(const char* field) {
    std::string command = std::string("nvidia-smi --query-gpu=") + field + " --format=csv,noheader,nounits -i 0 2>/dev/null";
    FILE* pipe = popen(command.c_str(), "r");
    if (!pipe) return "";
    char line[128] = "";
    bool got = std::fgets(line, sizeof line, pipe) != nullptr;
    if (pclose(pipe) != 0 || !got) return "";
    std::string text(line);
    text.erase(text.find_last_not_of(" \n\r") + 1);
    return text;
}

std::string scaled(const std::string& text, double factor) {
    char* end = nullptr;
    double value = std::strtod(text.c_str(), &end);
    if (text.empty() || end == text.c_str()) return "";
    char out[32];
    std::snprintf(out, sizeof out, "%.6g", value * factor);
    return out;
}

void print_header() {
    std::printf(
        "schema_version,key,family,operation,role,framework,dtype,variant,method,cache,device,driver,cuda,m,n,k,"
        "traffic_b,replays,calls_per_replay,working_set_b,time_s,time_p10_s,time_p90_s,power_cap_w,sm_clock_hz,"
        "memory_clock_hz,temperature_c\n");
}

void print_row(const Machine& machine, const char* family, const char* operation, const char* role,
               const char* framework, const char* dtype, const char* variant, const std::string& shape_key,
               const std::string& shape, size_t working_set_b, const Timing& timing) {
    // Asked right after the loop: the device is still at the clocks that it ran at.
    std::string clock = scaled(asked("clocks.sm"), 1e6), memory = scaled(asked("clocks.mem"), 1e6);
    std::string heat = scaled(asked("temperature.gpu"), 1.0), cap = scaled(asked("power.limit"), 1.0);
    std::printf("%d,%s|%s|%s|%s|%s,%s,%s,%s,%s,%s,%s,events,%s,%s,%s,%s,%s,%d,%d,%zu,%.9g,%.9g,%.9g,%s,%s,%s,%s\n",
                kSchemaVersion, operation, framework, dtype, variant, shape_key.c_str(), family, operation, role,
                framework, dtype, variant, working_set_b >= 2 * machine.l2_b ? "rotated" : "warm",
                machine.device.c_str(), machine.driver.c_str(), machine.cuda.c_str(), shape.c_str(), kRepeats,
                timing.launches, working_set_b, timing.median_s, timing.p10_s, timing.p90_s, cap.c_str(),
                clock.c_str(), memory.c_str(), heat.c_str());
    std::fflush(stdout);
}

// ---- Benchmarks ----------------------------------------------------------------------------------------------------

size_t sets_of(size_t bytes, size_t pool_b, const Machine& machine) {
    size_t wanted = (kColdCaches * machine.l2_b + bytes - 1) / bytes;
    return std::max<size_t>(1, std::min({wanted, size_t(64), pool_b / bytes}));
}

void bench_memory(const Machine& machine, const char* from, char* to, size_t pool_b, int blocks) {
    for (size_t bytes = size_t(1) << 18; bytes <= pool_b / 2; bytes *= 4) {
        const size_t count = bytes / sizeof(float4), sets = sets_of(2 * bytes, pool_b, machine);
        auto in = [=](int i) { return reinterpret_cast<const float4*>(from + (i % sets) * 2 * bytes); };
        auto out = [=](int i) { return reinterpret_cast<float4*>(to + (i % sets) * 2 * bytes); };
        struct {
            const char* name;
            int moved;
            std::function<void(int)> launch;
        } kernels[] = {
            {"copy", 2, [=](int i) { copy_kernel<<<blocks, 512>>>(in(i), out(i), count); }},
            {"read", 1, [=](int i) { read_kernel<<<blocks, 512>>>(in(i), reinterpret_cast<float*>(to), count); }},
            {"triad", 3, [=](int i) { triad_kernel<<<blocks, 512>>>(in(i), in(i) + count, out(i), count); }},
        };
        for (const auto& kernel : kernels) {
            std::string traffic = std::to_string(kernel.moved * bytes);
            print_row(machine, "memory_copy", "elementwise", "fit", "cuda", "bf16", kernel.name,
                      "traffic_b=" + traffic, ",,," + traffic, kernel.moved * bytes * sets, timed(kernel.launch));
        }
    }
}

struct Shape {
    int m, n, k;
};

const Shape kShapes[] = {
    {1024, 1024, 1024}, {2048, 2048, 2048}, {4096, 4096, 4096},  {8192, 8192, 8192},   {128, 4096, 4096},
    {512, 4096, 4096},  {2048, 6144, 4096}, {2048, 28672, 4096}, {2048, 4096, 14336},  {8192, 28672, 4096},
    {8192, 4096, 14336}, {128, 7168, 8192}, {2048, 7168, 8192},  {2048, 8192, 3584},   {8192, 1280, 8192},
};

void bench_products(const Machine& machine, const __nv_bfloat16* pool, __nv_bfloat16* results, size_t pool_b) {
    float* worst;
    check(cudaMalloc(&worst, sizeof(float)), "memory for the error");
#ifdef WITH_CUBLAS
    cublasHandle_t handle;
    if (cublasCreate(&handle) != CUBLAS_STATUS_SUCCESS) fail("cuBLAS", "does not start");
#endif
    for (const Shape& shape : kShapes) {
        const int m = shape.m, n = shape.n, k = shape.k;
        const size_t left = size_t(m) * k, set = left + size_t(n) * k, out = size_t(m) * n;
        if (2 * std::max(set, out) > pool_b) continue;
        const size_t bytes = 2 * (set + out);
        const size_t sets = std::min(sets_of(bytes, pool_b, machine), pool_b / (2 * std::max(set, out)));
        const std::string key = "m=" + std::to_string(m) + ";n=" + std::to_string(n) + ";k=" + std::to_string(k);
        const std::string cells = std::to_string(m) + "," + std::to_string(n) + "," + std::to_string(k) + ",";
        auto own = [=](int i) {
            const __nv_bfloat16* a = pool + (i % sets) * set;
            wmma_kernel<<<dim3(n / kTileN, m / kTileM), 256>>>(a, a + left, results + (i % sets) * out, m, n, k);
        };
        check(cudaMemset(worst, 0, sizeof(float)), "setting memory");
        own(0);
        sampled_error<<<16, 256>>>(pool, pool + left, results, m, n, k, worst);
        float error = 0.0f;
        check(cudaMemcpy(&error, worst, sizeof error, cudaMemcpyDeviceToHost), "checking a product");
        // bf16 results of size sqrt(k) are rounded by up to 2^-9 of themselves, and the largest are several sizes.
        if (!(error < 0.05f)) fail("the tensor-core kernel", "gives a wrong product");
        print_row(machine, "gemm_forward", "gemm", "reference", "wmma", "bf16", "nt", key, cells, bytes * sets,
                  timed(own));
#ifdef WITH_CUBLAS
        auto library = [=](int i) {
            const __nv_bfloat16* a = pool + (i % sets) * set;
            const float one = 1.0f, zero = 0.0f;
            // By columns: c^T (n, m) = b (n, k) a^T.
            cublasStatus_t status = cublasGemmEx(handle, CUBLAS_OP_T, CUBLAS_OP_N, n, m, k, &one, a + left, CUDA_R_16BF,
                                                 k, a, CUDA_R_16BF, k, &zero, results + (i % sets) * out, CUDA_R_16BF,
                                                 n, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT);
            if (status != CUBLAS_STATUS_SUCCESS) fail("cuBLAS", "refuses a product");
        };
        print_row(machine, "gemm_forward", "gemm", "fit", "cublas", "bf16", "nt", key, cells, bytes * sets,
                  timed(library));
#endif
    }
#ifdef WITH_CUBLAS
    cublasDestroy(handle);
#endif
    check(cudaFree(worst), "giving memory back");
}

std::string version_text(int version) {
    return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

}  // namespace

int main() {
    int devices = 0;
    cudaError_t found = cudaGetDeviceCount(&devices);
    if (found != cudaSuccess) fail("no CUDA device can be used", cudaGetErrorString(found));
    if (devices == 0) fail("no CUDA device can be used", "the driver lists none");
    cudaDeviceProp properties;
    check(cudaGetDeviceProperties(&properties, 0), "asking for the device");
    if (properties.major < 8) fail(properties.name, "has no bf16 tensor cores (compute capability 8.0 is needed)");
    cudaFuncAttributes built;
    check(cudaFuncGetAttributes(&built, wmma_kernel), "loading the kernels (was this built for another architecture?)");
    if (std::max(built.binaryVersion, built.ptxVersion) < 80)
        fail("was built for an architecture without bf16 tensor cores", "build with -arch=sm_80 or newer");
    int runtime = 0;
    check(cudaRuntimeGetVersion(&runtime), "asking for the runtime");
    Machine machine{properties.name, asked("driver_version"), version_text(runtime), size_t(properties.l2CacheSize)};

    size_t free_b = 0, total_b = 0;
    check(cudaMemGetInfo(&free_b, &total_b), "asking for memory");
    const size_t pool_b = std::min(size_t(4) << 30, free_b / 3) / 4096 * 4096;
    char *pool, *results;
    check(cudaMalloc(&pool, pool_b), "memory for operands");
    check(cudaMalloc(&results, pool_b), "memory for results");
    const int blocks = properties.multiProcessorCount * 8;
    fill_normal<<<blocks, 256>>>(reinterpret_cast<__nv_bfloat16*>(pool), pool_b / 2, 20260101u);
    check(cudaDeviceSynchronize(), "filling memory (was this built for another architecture?)");

    print_header();
    bench_memory(machine, pool, results, pool_b, blocks);
    bench_products(machine, reinterpret_cast<__nv_bfloat16*>(pool), reinterpret_cast<__nv_bfloat16*>(results), pool_b);
    check(cudaFree(pool), "giving memory back");
    check(cudaFree(results), "giving memory back");
    return 0;
}
