using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Predictor.Batching;

namespace Sluice.Predictor;

/// <summary>Settings of a predictor. Configuration section <see cref="Section"/>.</summary>
public sealed class PredictorOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Predictor";

    /// <summary>Value of <see cref="Provider"/>: a GPU if CUDA works, else the processor.</summary>
    public const string Auto = "auto";

    /// <summary>Value of <see cref="Provider"/>: a GPU.</summary>
    public const string Cuda = "cuda";

    /// <summary>Value of <see cref="Provider"/>: the processor.</summary>
    public const string Cpu = "cpu";

    /// <summary>Value of <see cref="Predictions"/>: always an object by the outputs' names.</summary>
    public const string Named = "named";

    /// <summary>Value of <see cref="Predictions"/>: an array, of the first output.</summary>
    public const string Primary = "primary";

    /// <summary>The pool this replica belongs to: stable or canary.</summary>
    [Required(ErrorMessage = "Predictor:Pool is missing: set it to stable or canary.")]
    [AllowedValues("stable", "canary", ErrorMessage = "Predictor:Pool must be stable or canary.")]
    public string? Pool { get; set; }

    /// <summary>The replica's id; default: the machine's name and a random part, new with every start.</summary>
    [RegularExpression("[A-Za-z0-9._-]{1,100}", ErrorMessage = "Predictor:ReplicaId must be 1 to 100 characters of A-Z a-z 0-9 . _ -")]
    public string? ReplicaId { get; set; }

    /// <summary>Where gateways reach this replica, e.g. <c>http://10.0.0.7:8080</c>; default: the address the server listens on.</summary>
    public Uri? AdvertisedAddress { get; set; }

    /// <summary>The port of the gRPC endpoint (HTTP/2 without TLS), on the public endpoint's host; null for none.</summary>
    [SettingRange(1, 65535, ErrorMessage = "Predictor:GrpcPort must be 1 to 65535.")]
    public int? GrpcPort { get; set; }

    /// <summary>Where gateways reach the gRPC endpoint; default: <see cref="GrpcPort"/> on the host of <see cref="AdvertisedAddress"/>, or of the address listened on.</summary>
    public Uri? AdvertisedGrpcAddress { get; set; }

    /// <summary>Folder of the files of models, kept over restarts; may be shared by several processes.</summary>
    [Required(ErrorMessage = "Predictor:CacheDirectory is missing: name a folder that survives a restart.")]
    public string CacheDirectory { get; set; } = "cache";

    /// <summary>What models run on: auto, cuda or cpu.</summary>
    [AllowedValues(Auto, Cuda, Cpu, ErrorMessage = "Predictor:Provider must be auto, cuda or cpu.")]
    public string Provider { get; set; } = Auto;

    /// <summary>Whether the processor does it where CUDA does not work; default: yes for auto, no for cuda.</summary>
    public bool? AllowCpuFallback { get; set; }

    /// <summary>The GPU, as CUDA counts those that the process may see.</summary>
    [SettingRange(0, 63, ErrorMessage = "Predictor:DeviceId must be 0 to 63.")]
    public int DeviceId { get; set; }

    /// <summary>Memory of the GPU that one loaded version may take, bytes; default: no limit but the device's.</summary>
    [SettingRange(1L << 20, 1L << 40, ErrorMessage = "Predictor:GpuMemoryLimitBytes must be 1048576 to 1099511627776.")]
    public long? GpuMemoryLimitBytes { get; set; }

    /// <summary>Threads of one run of a model.</summary>
    [SettingRange(1, 256, ErrorMessage = "Predictor:IntraOpThreads must be 1 to 256.")]
    public int IntraOpThreads { get; set; } = 1;

    /// <summary>Runs at once over all versions, shared fairly between them; default: the number of cores.</summary>
    [SettingRange(1, 1024, ErrorMessage = "Predictor:MaxConcurrency must be 1 to 1024.")]
    public int MaxConcurrency { get; set; } = Environment.ProcessorCount;

    /// <summary>How requests are joined.</summary>
    [ValidateObjectMembers(typeof(BatchingOptionsValidator))]
    public BatchingOptions Batching { get; set; } = new();

    /// <summary>Requests that this replica can work on at once: the rows of a full batch for each run.</summary>
    internal int Capacity => MaxConcurrency * (Batching.Enabled ? Batching.MaxBatchSize : 1);

    /// <summary>Time between two looks at whether loaded versions still give their golden answers; zero for none.</summary>
    [SettingRange(typeof(TimeSpan), "00:00:00", "1.00:00:00", ErrorMessage = "Predictor:ProofInterval must be 0 s to 1 d.")]
    public TimeSpan ProofInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Bytes that files of models may take in the cache; beyond, those longest unused go. What is in use stays, whatever it takes.</summary>
    [SettingRange(1024L * 1024, long.MaxValue, ErrorMessage = "Predictor:CacheLimitBytes must be 1048576 or more.")]
    public long CacheLimitBytes { get; set; } = 20L * 1024 * 1024 * 1024;

    /// <summary>Largest body of a request, bytes.</summary>
    [SettingRange(1024, 1024L * 1024 * 1024, ErrorMessage = "Predictor:MaxRequestBodyBytes must be 1024 to 1073741824.")]
    public long MaxRequestBodyBytes { get; set; } = 100L * 1024 * 1024;

    /// <summary>Bytes of JSON from which on an answer is compressed for a caller that takes it; null for never.</summary>
    [SettingRange(0, int.MaxValue, ErrorMessage = "Predictor:CompressAnswersFrom must be 0 or more.")]
    public int? CompressAnswersFrom { get; set; } = 64 * 1024;

    /// <summary>The model that paths without one mean (/predict, /invocations); null for the only one that is served.</summary>
    public string? DefaultModel { get; set; }

    /// <summary>What /invocations answers: auto (an array for one output, an object by name for several), named or primary.</summary>
    [AllowedValues(Auto, Named, Primary, ErrorMessage = "Predictor:Predictions must be auto, named or primary.")]
    public string Predictions { get; set; } = Auto;

    /// <summary>Time to answer a request that does not say how long it may take.</summary>
    [SettingRange(typeof(TimeSpan), "00:00:00.1", "01:00:00", ErrorMessage = "Predictor:RequestTimeout must be 100 ms to 1 h.")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Time to fetch, load and warm up a version; after it the version has failed and is tried again later.</summary>
    [SettingRange(typeof(TimeSpan), "00:00:01", "1.00:00:00", ErrorMessage = "Predictor:LoadTimeout must be 1 s to 1 d.")]
    public TimeSpan LoadTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Longest wait for requests in flight before a version is unloaded or the process ends.</summary>
    [SettingRange(typeof(TimeSpan), "00:00:00", "01:00:00", ErrorMessage = "Predictor:DrainTimeout must be 0 s to 1 h.")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(25);
}

/// <summary>Checks <see cref="PredictorOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class PredictorOptionsValidator : IValidateOptions<PredictorOptions>;
