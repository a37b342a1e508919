using System.Security.Cryptography;
using System.Text.Json;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A random value.</summary>
public sealed class GenerateParameterDefault : ParameterDefault
{
    // Without characters that are read for one another, as people copy these values by hand.
    private const string LowerCharacters = "abcdefghjkmnpqrstuvwxyz";
    private const string UpperCharacters = "ABCDEFGHJKMNPQRSTUVWXYZ";
    private const string NumericCharacters = "0123456789";
    private const string SpecialCharacters = "-_.{}~()*+!";

    /// <summary>Number of characters, at least.</summary>
    public int MinLength { get; set; }

    /// <summary>Whether lower case letters occur.</summary>
    public bool Lower { get; set; } = true;

    /// <summary>Whether upper case letters occur.</summary>
    public bool Upper { get; set; } = true;

    /// <summary>Whether digits occur.</summary>
    public bool Numeric { get; set; } = true;

    /// <summary>Whether other characters occur.</summary>
    public bool Special { get; set; } = true;

    /// <summary>Number of lower case letters, at least.</summary>
    public int MinLower { get; set; }

    /// <summary>Number of upper case letters, at least.</summary>
    public int MinUpper { get; set; }

    /// <summary>Number of digits, at least.</summary>
    public int MinNumeric { get; set; }

    /// <summary>Number of other characters, at least.</summary>
    public int MinSpecial { get; set; }

    /// <inheritdoc />
    public override string GetDefaultValue()
    {
        (bool Used, string Characters, int Min)[] classes =
            [(Lower, LowerCharacters, MinLower), (Upper, UpperCharacters, MinUpper), (Numeric, NumericCharacters, MinNumeric), (Special, SpecialCharacters, MinSpecial)];
        var used = classes.Where(c => c.Used).ToArray();
        var alphabet = string.Concat(used.Select(c => c.Characters));
        if (alphabet.Length == 0)
        {
            throw new DistributedApplicationException("A generated parameter needs at least one class of characters.");
        }

        var characters = used.SelectMany(c => RandomNumberGenerator.GetItems<char>(c.Characters, c.Min)).ToList();
        characters.AddRange(RandomNumberGenerator.GetItems<char>(alphabet, Math.Max(0, MinLength - characters.Count)));
        var result = characters.ToArray();
        RandomNumberGenerator.Shuffle<char>(result);
        return new string(result);
    }

    /// <summary>Only what differs from the rule: every class of characters, none of them a number of times.</summary>
    internal override void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject("generate");
        json.WriteNumber("minLength", MinLength);
        foreach (var (name, isUsed) in new[] { ("lower", Lower), ("upper", Upper), ("numeric", Numeric), ("special", Special) })
        {
            if (!isUsed)
            {
                json.WriteBoolean(name, false);
            }
        }

        foreach (var (name, count) in new[] { ("minLower", MinLower), ("minUpper", MinUpper), ("minNumeric", MinNumeric), ("minSpecial", MinSpecial) })
        {
            if (count != 0)
            {
                json.WriteNumber(name, count);
            }
        }

        json.WriteEndObject();
    }
}
