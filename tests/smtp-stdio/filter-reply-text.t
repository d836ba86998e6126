# -f: a filter's refusal is told with the first line of its standard error, which can
# neither break the reply nor be too long for it.
use strict;
use warnings;
use lib 'tests/lib';
use Filter;
use MailTest;

my $root = new_root('bob@example.com');

# What the client is told where a filter has said this, in printf's words, on standard error.
sub told {
	my ($said, @flags) = @_;
	my $filter = new_filter("printf '$said' >&2; exit 65");
	return scalar mail_through(root => $root, filter => $filter, flags => \@flags, to => ['<bob@example.com>']);
}

is(told('This is spam\n'), '550 5.7.1 This is spam', 'a line'); ## smtp-stdio-filter
is(told('This is spam'), '550 5.7.1 This is spam', 'without a line end'); ## smtp-stdio-filter
is(told('This is spam\r\n'), '550 5.7.1 This is spam', 'with CRLF'); ## smtp-stdio-filter
is(told('This is spam\nscore 12\n'), '550 5.7.1 This is spam', 'the first of two lines'); ## smtp-stdio-filter
is(told('This is spam\r\n250 2.0.0 OK\r\n'), '550 5.7.1 This is spam', 'what looks like a reply is none'); ## smtp-stdio-filter
is(told('a\rb\n'), '550 5.7.1 a', 'a bare CR ends it'); ## smtp-stdio-filter
is(told('tab\there, bell\007, escape \033[2J, DEL\177\n'), '550 5.7.1 tab?here, bell?, escape ?[2J, DEL?',
    'control characters'); ## smtp-stdio-filter
is(told('caf\303\251 \377\n'), '550 5.7.1 caf?? ?', 'octets from 0x80 on'); ## smtp-stdio-filter smtp-5321-4.5.3.1.5
is(told('5.7.9 is not taken for a code\n'), '550 5.7.1 5.7.9 is not taken for a code', 'a code in the text'); ## smtp-stdio-filter
is(told('100%% %%s %%n\n'), '550 5.7.1 100% %s %n', 'a format string'); ## smtp-stdio-filter
like(told(''), qr/^550 5\.7\.1 [\x20-\x7e]+$/, 'nothing: a text of our own'); ## smtp-stdio-filter
like(told('\n'), qr/^550 5\.7\.1 [\x20-\x7e]+$/, 'an empty line: the same'); ## smtp-stdio-filter
like(told('\n\nsecond\n'), qr/^550 5\.7\.1 (?!second)[\x20-\x7e]+$/, 'an empty first line: the same'); ## smtp-stdio-filter
like(told('a\000b\n'), qr/^550 5\.7\.1 a(?:\?b)?$/, 'a NUL'); ## smtp-stdio-filter
is(told('This is spam\n', '-X', 'ENHANCEDSTATUSCODES'), '550 This is spam', 'without enhanced codes'); ## smtp-stdio-filter

# A reply line has at most 512 octets, with its CRLF.
for my $length (498, 499, 500, 501, 511, 512, 513, 5000, 1000000) {
	my $filter = new_filter("head -c $length /dev/zero | tr '\\000' x >&2; echo y >&2; exit 65");
	my $reply = mail_through(root => $root, filter => $filter, to => ['<bob@example.com>']);
	my $fits = 510 - length '550 5.7.1 ';
	is($reply, '550 5.7.1 ' . ($length < $fits ? 'x' x $length . 'y' : 'x' x $fits), "a text of $length octets and one more"); ## smtp-5321-4.5.3.1.5 smtp-stdio-filter
}

# A pipe that nobody reads would stop it: this is a file.
my $filter = new_filter('n=0; while [ $n -lt 20000 ]; do echo "a warning, and another one"; n=$((n + 1)); done >&2; exit 0');
like(mail_through(root => $root, filter => $filter, to => ['<bob@example.com>']), qr/^250 2\.0\.0 /,
    'much on standard error, and exit 0'); ## smtp-stdio-filter

# The text is no part of the log but as a value, and the line says what has become of it.
my $errors = new_file('errors');
$filter = new_filter('printf "no \"thanks\" id=x\n" >&2; exit 77');
mail_through(root => $root, filter => $filter, errors => $errors, to => ['<bob@example.com>']);
my ($line) = contents($errors) =~ /^(.*delivery .*)$/m;
like($line, qr/ status=550 /, 'the refusal is logged'); ## smtp-stdio-filter
like($line, qr/ reason="no \\"thanks\\" id=x"$/, 'with the text, which is one value');
is_deeply([ left_over($root) ], [], 'nothing is left over'); ## smtp-stdio-store-c

done_testing;
