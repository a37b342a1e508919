using Microsoft.Extensions.Options;

namespace Sluice.Predictor;

/// <summary>Binds and checks the settings.</summary>
internal static class OptionsSetup
{
    public static WebApplicationBuilder AddPredictorOptions(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<PredictorOptions>, PredictorOptionsValidator>();
        builder.Services.AddOptions<PredictorOptions>()
            .BindConfiguration(PredictorOptions.Section)
            .Validate(
                options => options.AdvertisedAddress is null or { IsAbsoluteUri: true, Scheme: "http" or "https", AbsolutePath: "/", Query: "" },
                "Predictor:AdvertisedAddress must be an absolute http or https address without a path.")
            .ValidateOnStart();
        return builder;
    }
}
