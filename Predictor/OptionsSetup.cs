using Microsoft.Extensions.Options;
using Sluice.Predictor.Runtime;

namespace Sluice.Predictor;

/// <summary>Binds and checks the settings.</summary>
internal static class OptionsSetup
{
    public static WebApplicationBuilder AddPredictorOptions(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<PredictorOptions>, PredictorOptionsValidator>();
        builder.Services.AddSingleton<IValidateOptions<PredictorOptions>, CacheDirectoryCheck>();
        builder.Services.AddSingleton<IValidateOptions<PredictorOptions>, ComputeDeviceCheck>();
        builder.Services.AddOptions<PredictorOptions>()
            .BindConfiguration(PredictorOptions.Section)
            .Validate(
                options => IsAddress(options.AdvertisedAddress), "Predictor:AdvertisedAddress must be an absolute http or https address without a path.")
            .Validate(
                options => IsAddress(options.AdvertisedGrpcAddress), "Predictor:AdvertisedGrpcAddress must be an absolute http or https address without a path.")
            .ValidateOnStart();

        // A read of nothing before each read costs a small request a tenth of its processor time; the buffer it saves an idle connection is 4 KiB.
        builder.WebHost.UseSockets(sockets => sockets.WaitForDataBeforeAllocatingBuffer = false);
        return builder;
    }

    private static bool IsAddress(Uri? address) =>
        address is null or { IsAbsoluteUri: true, Scheme: "http" or "https", AbsolutePath: "/", Query: "" };

    /// <summary>Tries the cache's folder at start, where what is wrong with it is told in one line.</summary>
    private sealed class CacheDirectoryCheck : IValidateOptions<PredictorOptions>
    {
        public ValidateOptionsResult Validate(string? name, PredictorOptions options)
        {
            var path = Path.GetFullPath(options.CacheDirectory);
            try
            {
                Directory.CreateDirectory(path);
                File.Create(Path.Combine(path, $".try-{Guid.NewGuid():N}"), 1, FileOptions.DeleteOnClose).Dispose();
                return ValidateOptionsResult.Success;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return ValidateOptionsResult.Fail($"Predictor:CacheDirectory ({path}) cannot be used: {exception.Message}");
            }
        }
    }
}
