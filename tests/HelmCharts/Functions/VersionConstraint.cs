using System.Globalization;

namespace Sluice.HelmCharts.Functions;

/// <summary>A condition on a version, as <c>&gt;=1.27.0-0 &lt;2</c>, <c>^1.2</c>, <c>~1.2.3</c>, <c>1.x</c>, with <c>||</c> between alternatives.</summary>
internal sealed class VersionConstraint
{
    private static readonly string[] Operators = [">=", "=>", "<=", "=<", "!=", "~>", ">", "<", "=", "~", "^"];

    private readonly List<List<(string Operator, PartialVersion Version)>> _alternatives;

    private VersionConstraint(List<List<(string, PartialVersion)>> alternatives) => _alternatives = alternatives;

    public static VersionConstraint Parse(string text) => new([.. text.Split("||").Select(ParseAll)]);

    public bool Admits(string version)
    {
        var parsed = PartialVersion.Parse(version);
        return _alternatives.Exists(all => all.TrueForAll(condition => Holds(condition.Operator, condition.Version, parsed)));
    }

    private static List<(string, PartialVersion)> ParseAll(string text)
    {
        var conditions = new List<(string, PartialVersion)>();
        var pending = "";
        foreach (var part in text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, rest) = SplitOperator(pending + part);
            pending = rest.Length == 0 ? name : "";
            if (rest.Length > 0)
            {
                conditions.Add((name, PartialVersion.Parse(rest)));
            }
        }

        return conditions.Count > 0 && pending.Length == 0 ? conditions : throw new FunctionException($"improper constraint: {text}");
    }

    private static (string Operator, string Operand) SplitOperator(string text)
    {
        var name = Array.Find(Operators, name => text.StartsWith(name, StringComparison.Ordinal)) ?? "";
        return (name, text[name.Length..]);
    }

    private static bool Holds(string name, PartialVersion limit, PartialVersion version)
    {
        // A pre-release is admitted only by a condition that names one, and by being another version than the one that is excluded.
        if (version.PreRelease.Length > 0 && limit.PreRelease.Length == 0 && !(name == "!=" && limit.Given == 3))
        {
            return false;
        }

        var order = version.CompareTo(limit);
        return name switch
        {
            "" or "=" => limit.Given < 3 ? limit.IsPrefixOf(version, limit.Given) : order == 0,
            "!=" => limit.Given < 3 ? !limit.IsPrefixOf(version, limit.Given) : order != 0,
            ">" => order > 0 && (limit.Given == 3 || !limit.IsPrefixOf(version, limit.Given)),
            ">=" or "=>" => order >= 0,
            "<" => order < 0,
            "<=" or "=<" => order <= 0 || (limit.Given < 3 && limit.IsPrefixOf(version, limit.Given)),
            "~" or "~>" => order >= 0 && limit.IsPrefixOf(version, Math.Min(2, limit.Given)),
            _ => order >= 0 && limit.IsPrefixOf(version, limit.CaretLength),
        };
    }

    private sealed record PartialVersion(int[] Numbers, int Given, string PreRelease) : IComparable<PartialVersion>
    {
        /// <summary>How many numbers <c>^</c> keeps: up to the first that is not zero.</summary>
        public int CaretLength => Numbers[0] > 0 || Given == 1 ? 1 : Numbers[1] > 0 || Given == 2 ? 2 : 3;

        public static PartialVersion Parse(string text)
        {
            var core = text.TrimStart('v').Split('+')[0];
            var dash = core.IndexOf('-', StringComparison.Ordinal);
            var parts = (dash < 0 ? core : core[..dash]).Split('.').TakeWhile(part => part is not ("x" or "X" or "*")).ToArray();
            var numbers = new int[3];
            for (var i = 0; i < parts.Length; i++)
            {
                if (i > 2 || !int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
                {
                    throw new FunctionException($"'{text}' is not a semantic version");
                }
            }

            return new PartialVersion(numbers, parts.Length, dash < 0 ? "" : core[(dash + 1)..]);
        }

        public bool IsPrefixOf(PartialVersion version, int length) => Numbers.Take(length).SequenceEqual(version.Numbers.Take(length));

        public int CompareTo(PartialVersion? other)
        {
            for (var i = 0; i < 3; i++)
            {
                if (Numbers[i] != other!.Numbers[i])
                {
                    return Numbers[i].CompareTo(other.Numbers[i]);
                }
            }

            return ComparePreReleases(PreRelease, other!.PreRelease);
        }

        private static int ComparePreReleases(string left, string right)
        {
            if (left.Length == 0 || right.Length == 0)
            {
                return right.Length.CompareTo(left.Length); // none is later than any
            }

            foreach (var (a, b) in left.Split('.').Zip(right.Split('.')))
            {
                var numbers = (int.TryParse(a, out var x), int.TryParse(b, out var y));
                var order = numbers switch
                {
                    (true, true) => x.CompareTo(y),
                    (true, false) => -1,
                    (false, true) => 1,
                    _ => string.CompareOrdinal(a, b),
                };
                if (order != 0)
                {
                    return order;
                }
            }

            return left.Split('.').Length.CompareTo(right.Split('.').Length);
        }
    }
}
