using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Sluice.Contracts;

namespace Sluice.Predictor.Batching;

/// <summary>How requests are joined, where a version's own <see cref="InferenceSettings"/> do not say otherwise. Section <c>Predictor:Batching</c>.</summary>
public sealed class BatchingOptions
{
    /// <summary>Whether requests are joined along dimension 0, where the load proves that a version's rows do not touch each other.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Rows of a joined run, at most. A larger request is computed alone.</summary>
    [SettingRange(1, 65_536, ErrorMessage = "Predictor:Batching:MaxBatchSize must be 1 to 65536.")]
    public int MaxBatchSize { get; set; } = 32;

    /// <summary>
    /// Time that a request waits for others although it could be computed. Without one a batch is what queued up while the hardware was busy, and no
    /// request waits while it idles.
    /// </summary>
    [SettingRange(typeof(TimeSpan), "00:00:00", "00:00:10", ErrorMessage = "Predictor:Batching:MaxQueueDelay must be 0 s to 10 s.")]
    public TimeSpan MaxQueueDelay { get; set; }

    /// <summary>Sizes that batches are cut to, where a delay is set: a batch starts as soon as one of them is reached.</summary>
    [MaxLength(32, ErrorMessage = "Predictor:Batching:PreferredBatchSizes must be 32 sizes at most.")]
    public int[] PreferredBatchSizes { get; set; } = [];

    /// <summary>Runs of one version at once; default: as many as <see cref="PredictorOptions.MaxConcurrency"/> allows on a processor, 1 on a GPU.</summary>
    [SettingRange(1, 1024, ErrorMessage = "Predictor:Batching:Instances must be 1 to 1024.")]
    public int? Instances { get; set; }

    /// <summary>Requests of one version that may wait; one more is answered with 503.</summary>
    [SettingRange(0, 100_000, ErrorMessage = "Predictor:Batching:MaxQueueSize must be 0 to 100000.")]
    public int MaxQueueSize { get; set; } = 256;
}

/// <summary>Checks <see cref="BatchingOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class BatchingOptionsValidator : IValidateOptions<BatchingOptions>;
