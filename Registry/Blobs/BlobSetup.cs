using Microsoft.Extensions.Options;
using Sluice.Registry.Objects;
using Sluice.Registry.Store;

namespace Sluice.Registry.Blobs;

/// <summary>Adds the blob store that the settings name, and what keeps it tidy.</summary>
internal static class BlobSetup
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Adds the blobs.</summary>
    public static WebApplicationBuilder AddBlobs(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<BlobOptions>, BlobOptionsRanges>();
        builder.Services.AddSingleton<IValidateOptions<BlobOptions>, BlobOptionsValidator>();
        builder.Services.AddOptions<BlobOptions>().BindConfiguration(BlobOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton(Create);
        builder.Services.AddSingleton<BlobSweeps>();
        builder.Services.AddSingleton<BlobCollector>();
        builder.Services.AddHostedService<BlobCollectorLoop>();
        return builder;
    }

    /// <summary>Asks the store for its first blob now, so that one that is not to be had is told in one line.</summary>
    /// <exception cref="IOException">It cannot be used; the message says what to do.</exception>
    public static WebApplication OpenBlobs(this WebApplication app)
    {
        var blobs = app.Services.GetRequiredService<IBlobStore>();
        var section = $"{BlobOptions.Section}:{app.Services.GetRequiredService<IOptions<BlobOptions>>().Value.Store}";
        try
        {
            using var patience = new CancellationTokenSource(Patience);
            LookAsync(blobs, patience.Token).GetAwaiter().GetResult();
            return app;
        }
        catch (BlobStoreException exception)
        {
            throw new IOException($"{exception.Message} The settings are in {section}.", exception);
        }
        catch (OperationCanceledException exception)
        {
            throw new IOException($"{blobs.Name} did not answer within {Patience.TotalSeconds} s: check its address and the network. The settings are in {section}.", exception);
        }
    }

    private static async Task LookAsync(IBlobStore blobs, CancellationToken cancellationToken)
    {
        await using var listed = blobs.ListAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        await listed.MoveNextAsync();
    }

    private static IBlobStore Create(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<BlobOptions>>().Value;
        var data = services.GetRequiredService<DataDirectory>();
        if (options.Store == BlobStoreKind.Folder)
        {
            return new FolderBlobStore(options.Folder is { Length: > 0 } folder ? Path.GetFullPath(folder) : data.Blobs);
        }

        var staging = new StagingArea(Path.Combine(data.Root, "staging"));
        return options.Store switch
        {
            BlobStoreKind.S3 => new ObjectBlobStore(new S3Objects(options.S3, options.S3.Bucket!), options.S3.Prefix, staging),
            BlobStoreKind.Azure => new ObjectBlobStore(new AzureObjects(options.Azure, options.Azure.Container!), options.Azure.Prefix, staging),
            _ => new ObjectBlobStore(
                new GcsObjects(options.Gcs, options.Gcs.Bucket!, services.GetRequiredService<TimeProvider>()), options.Gcs.Prefix, staging),
        };
    }
}
