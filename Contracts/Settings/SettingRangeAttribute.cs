using System.ComponentModel.DataAnnotations;

namespace Sluice.Contracts;

/// <summary>
/// <see cref="RangeAttribute"/> for settings. The generator behind <c>[OptionsValidator]</c> puts a class of its own in the place of
/// <see cref="RangeAttribute"/>, which drops <see cref="ValidationAttribute.ErrorMessage"/> and with it the setting's key; a derived one it leaves alone.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SettingRangeAttribute : RangeAttribute
{
    /// <summary>Whole numbers, both ends included.</summary>
    public SettingRangeAttribute(int minimum, int maximum)
        : base(minimum, maximum)
    {
    }

    /// <summary>Numbers, both ends included.</summary>
    public SettingRangeAttribute(double minimum, double maximum)
        : base(minimum, maximum)
    {
    }

    /// <summary>Values of a type that is read from text, e.g. <see cref="TimeSpan"/>, both ends included.</summary>
    public SettingRangeAttribute(Type type, string minimum, string maximum)
        : base(type, minimum, maximum)
    {
    }
}
