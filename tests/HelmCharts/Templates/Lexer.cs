using System.Globalization;
using System.Text;

namespace Sluice.HelmCharts.Templates;

/// <summary>Cuts a template into tokens, by the rules of Go's text/template: trim markers, comments, literals.</summary>
internal sealed class Lexer
{
    private const string Open = "{{";
    private const string Close = "}}";

    private readonly string _file;
    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private int _position;
    private int _line = 1;

    private Lexer(string file, string source)
    {
        _file = file;
        _source = source;
    }

    public static IReadOnlyList<Token> Tokenize(string file, string source)
    {
        var lexer = new Lexer(file, source);
        lexer.Run();
        return lexer._tokens;
    }

    private void Run()
    {
        var trimLeft = false;
        while (true)
        {
            var open = _source.IndexOf(Open, _position, StringComparison.Ordinal);
            var end = open < 0 ? _source.Length : open;
            var trimRight = open >= 0 && HasTrimMarker(open + Open.Length);
            AddText(end, trimLeft, trimRight);
            if (open < 0)
            {
                Add(TokenKind.End, "", false);
                return;
            }

            MoveTo(open + Open.Length + (trimRight ? 1 : 0));
            trimLeft = ReadAction(trimRight);
        }
    }

    private bool HasTrimMarker(int position) =>
        position + 1 < _source.Length && _source[position] == '-' && IsSpace(_source[position + 1]);

    private void AddText(int end, bool trimLeft, bool trimRight)
    {
        var text = _source[_position..end];
        if (trimLeft)
        {
            MoveTo(_position + text.Length - text.TrimStart(' ', '\t', '\r', '\n').Length);
            text = _source[_position..end];
        }

        var kept = trimRight ? text.TrimEnd(' ', '\t', '\r', '\n') : text;
        if (kept.Length > 0)
        {
            _tokens.Add(new Token(TokenKind.Text, kept, _line, false));
        }

        MoveTo(end);
    }

    /// <summary>Reads up to the closing braces. Returns whether they trim what follows.</summary>
    private bool ReadAction(bool afterTrimMarker)
    {
        var comment = _position + (afterTrimMarker ? 1 : 0);
        if (_source.AsSpan(Math.Min(comment, _source.Length)).StartsWith("/*"))
        {
            return SkipComment(comment);
        }

        var openedOn = _line;
        Add(TokenKind.Open, Open, false);
        var depth = 0;
        while (true)
        {
            var spaced = SkipSpace();
            if (_position >= _source.Length)
            {
                throw Error($"unclosed action, which began on line {openedOn}: '}}}}' was expected");
            }

            if (spaced && _source.AsSpan(_position).StartsWith("-" + Close))
            {
                return Finish(1, depth);
            }

            if (_source.AsSpan(_position).StartsWith(Close))
            {
                return Finish(0, depth);
            }

            depth += ReadToken(spaced);
        }
    }

    private bool Finish(int marker, int depth)
    {
        if (depth != 0)
        {
            throw Error(depth > 0 ? "unclosed left parenthesis" : "unexpected right parenthesis");
        }

        Add(TokenKind.Close, Close, true);
        MoveTo(_position + marker + Close.Length);
        return marker == 1;
    }

    private bool SkipComment(int start)
    {
        var end = _source.IndexOf("*/", start, StringComparison.Ordinal);
        if (end < 0)
        {
            throw Error("unclosed comment");
        }

        end += 2;
        var trim = end + 1 < _source.Length && IsSpace(_source[end]) && _source[end + 1] == '-';
        var close = trim ? end + 2 : end;
        if (!_source.AsSpan(close).StartsWith(Close))
        {
            throw Error("a comment ends before the closing '}}': nothing may stand between");
        }

        MoveTo(close + Close.Length);
        return trim;
    }

    /// <summary>Reads one token. Returns by how much parentheses got deeper.</summary>
    private int ReadToken(bool spaced)
    {
        var character = _source[_position];
        switch (character)
        {
            case '(':
                return AddAndMove(TokenKind.OpenParenthesis, 1, spaced, 1);
            case ')':
                return AddAndMove(TokenKind.CloseParenthesis, 1, spaced, -1);
            case '|':
                return AddAndMove(TokenKind.Pipe, 1, spaced, 0);
            case ',':
                return AddAndMove(TokenKind.Comma, 1, spaced, 0);
            case '=':
                return AddAndMove(TokenKind.Assign, 1, spaced, 0);
            case ':' when Next() == '=':
                return AddAndMove(TokenKind.Declare, 2, spaced, 0);
            case '"':
                ReadQuoted(spaced);
                return 0;
            case '`':
                ReadRaw(spaced);
                return 0;
            case '\'':
                ReadCharacter(spaced);
                return 0;
            case '$':
                ReadName(TokenKind.Variable, 0, spaced);
                return 0;
            case '.' when !char.IsAsciiDigit(Next()):
                ReadDot(spaced);
                return 0;
            case '.' or '+' or '-' or (>= '0' and <= '9'):
                ReadNumber(spaced);
                return 0;
            case var _ when IsNameCharacter(character):
                ReadName(TokenKind.Word, 0, spaced);
                return 0;
            default:
                throw Error($"unexpected '{character}' in an action");
        }
    }

    private char Next() => _position + 1 < _source.Length ? _source[_position + 1] : '\0';

    private int AddAndMove(TokenKind kind, int length, bool spaced, int depth)
    {
        Add(kind, _source.Substring(_position, length), spaced);
        MoveTo(_position + length);
        return depth;
    }

    private void ReadDot(bool spaced)
    {
        if (IsNameCharacter(Next()))
        {
            ReadName(TokenKind.Field, 1, spaced);
        }
        else
        {
            AddAndMove(TokenKind.Dot, 1, spaced, 0);
        }
    }

    private void ReadName(TokenKind kind, int skipped, bool spaced)
    {
        var end = _position + 1;
        while (end < _source.Length && IsNameCharacter(_source[end]))
        {
            end++;
        }

        if (end < _source.Length && !IsSpace(_source[end]) && !".,|:)(=".Contains(_source[end], StringComparison.Ordinal)
            && !_source.AsSpan(end).StartsWith(Close))
        {
            throw Error($"unexpected '{_source[end]}' after '{_source[_position..end]}'");
        }

        Add(kind, _source[(_position + skipped)..end], spaced);
        MoveTo(end);
    }

    private void ReadNumber(bool spaced)
    {
        var end = _position + 1;
        while (end < _source.Length && (char.IsAsciiLetterOrDigit(_source[end]) || _source[end] is '.' or '_'
            || (_source[end] is '+' or '-' && _source[end - 1] is 'e' or 'E')))
        {
            end++;
        }

        Add(TokenKind.Number, _source[_position..end], spaced);
        MoveTo(end);
    }

    private void ReadRaw(bool spaced)
    {
        var end = _source.IndexOf('`', _position + 1);
        if (end < 0)
        {
            throw Error("unclosed raw string");
        }

        Add(TokenKind.StringLiteral, _source[(_position + 1)..end].Replace("\r", "", StringComparison.Ordinal), spaced);
        MoveTo(end + 1);
    }

    private void ReadQuoted(bool spaced)
    {
        var (text, end) = ReadEscaped('"');
        Add(TokenKind.StringLiteral, text, spaced);
        MoveTo(end);
    }

    private void ReadCharacter(bool spaced)
    {
        var (text, end) = ReadEscaped('\'');
        if (text.EnumerateRunes().Count() != 1)
        {
            throw Error("a character literal has one character");
        }

        Add(TokenKind.Character, text.EnumerateRunes().First().Value.ToString(CultureInfo.InvariantCulture), spaced);
        MoveTo(end);
    }

    private (string Text, int End) ReadEscaped(char quote)
    {
        var text = new StringBuilder();
        for (var i = _position + 1; i < _source.Length && _source[i] != '\n'; i++)
        {
            if (_source[i] == quote)
            {
                return (text.ToString(), i + 1);
            }

            if (_source[i] == '\\')
            {
                i = ReadEscape(i + 1, text);
            }
            else
            {
                text.Append(_source[i]);
            }
        }

        throw Error("unterminated quoted string");
    }

    /// <summary>Reads what follows a backslash. Returns the place of its last character.</summary>
    private int ReadEscape(int position, StringBuilder text)
    {
        var character = position < _source.Length ? _source[position] : '\0';
        const string Names = "abfnrtv\\'\"";
        var known = Names.IndexOf(character, StringComparison.Ordinal);
        if (character != '\0' && known >= 0)
        {
            text.Append("\a\b\f\n\r\t\v\\'\""[known]);
            return position;
        }

        var digits = character switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => throw Error($"unknown escape '\\{character}' in a quoted string") };
        var code = int.Parse(_source.AsSpan(position + 1, digits), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        text.Append(char.ConvertFromUtf32(code));
        return position + digits;
    }

    private bool SkipSpace()
    {
        var start = _position;
        var end = _position;
        while (end < _source.Length && IsSpace(_source[end]))
        {
            end++;
        }

        MoveTo(end);
        return end > start;
    }

    private void MoveTo(int position)
    {
        _line += _source.AsSpan(_position, position - _position).Count('\n');
        _position = position;
    }

    private void Add(TokenKind kind, string text, bool spaced) => _tokens.Add(new Token(kind, text, _line, spaced));

    private ChartException Error(string problem) => new(_file, _line, problem);

    private static bool IsSpace(char character) => character is ' ' or '\t' or '\r' or '\n';

    private static bool IsNameCharacter(char character) => character == '_' || char.IsLetterOrDigit(character);
}
