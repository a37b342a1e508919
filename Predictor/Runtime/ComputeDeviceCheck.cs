using Microsoft.Extensions.Options;

namespace Sluice.Predictor.Runtime;

/// <summary>Chooses the device at start, where a GPU that was asked for and does not work is told in one line.</summary>
internal sealed class ComputeDeviceCheck : IValidateOptions<PredictorOptions>
{
    public ValidateOptionsResult Validate(string? name, PredictorOptions options)
    {
        try
        {
            // A provider of another name is for the other checks to tell of.
            if (options.Provider is PredictorOptions.Auto or PredictorOptions.Cuda)
            {
                ComputeDevice.Choose(options);
            }

            return ValidateOptionsResult.Success;
        }
        catch (OptionsValidationException refusal)
        {
            return ValidateOptionsResult.Fail(refusal.Failures);
        }
    }
}
