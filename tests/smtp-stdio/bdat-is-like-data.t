# A message is the same whether it comes as mail data or in chunks: every message of
# tests/mail, and many that are made of nothing but what matters in lines.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;

my @mail = ('MAIL FROM:<sender@client.example>', 'RCPT TO:<bob@example.com>');

# The same messages over both.  Returns for each the final reply, and what is behind the
# trace in the mailbox where it was taken.
sub taken {
	my ($in_chunks, @messages) = @_;
	my $root = new_root('bob@example.com');
	my $client = start('smtp-stdio', $root, [ '-e', 100000 ], limit => 60);
	$client->reply;
	$client->ask('EHLO client.example');
	my @taken;
	for my $message (@messages) {
		$client->ask($_) for @mail;
		my $reply;
		if ($in_chunks) {
			my $first = int rand 1 + length $message;
			$client->send("BDAT $first\r\n" . substr($message, 0, $first) . 'BDAT ' . (length($message) - $first) . " LAST\r\n" . substr $message, $first);
			$client->reply;
		} else {
			$client->ask('DATA');
			$client->send($message =~ s/(\A|\r\n)\./$1../gr . ".\r\n");
		}
		$reply = $client->reply;
		my ($id) = $reply =~ s/ id=(\S+)// ? $1 : '';
		my ($path) = length $id ? glob "$root/mail/example.com/bob/new/*$id*" : ();
		my $stored = defined $path ? contents($path) : '';
		my ($disk, $wire) = defined $path && $path =~ /,S=(\d+),W=(\d+)\z/ ? ($1, $2) : (0, 0);
		$stored =~ s/\A([^\n]*\n[^\n]*\n(?:\t[^\n]*\n)+)//;
		push @taken, [ $reply, $stored, $disk - length($1 || ''), $wire - length crlf($1 || '') ];
	}
	$client->ask('QUIT');
	is($client->status, 0, 'a good end');
	return @taken;
}

# Seen to be the same; each with its line end, without which mail data has no end.
sub is_the_same {
	my ($name, @messages) = @_;
	my @data = taken(0, @messages);
	my @chunks = taken(1, @messages);
	my @wrong = grep { "@{$data[$_]}" ne "@{$chunks[$_]}" } 0 .. $#messages;
	ok(!@wrong, "$name: the same over both") ## smtp-3030-2-a smtp-3030-2-d smtp-3030-2-j
	    or diag map { Program::visible($messages[$_]), ': ', $data[$_][0], ' and ', $chunks[$_][0], "\n" } @wrong;
	my $refused = grep { $_->[0] !~ /^250/ } @data;
	@wrong = grep { $data[$_][0] =~ /^250/ && $data[$_][1] ne $messages[$_] =~ s/\r\n/\n/gr } 0 .. $#messages;
	ok(!@wrong, "$name: and what was sent") or diag map { Program::visible($messages[$_]), "\n" } @wrong; ## smtp-3030-2-d
	return $refused;
}

my @files = glob 'tests/mail/*.eml';
is_the_same('messages', map { crlf(contents($_)) } @files);

srand 3030;
my @pieces = ("\r\n", "\r\n", "\r\n", '.', '.', 'a', "\r\n.", "\r\n.\r\n", "BDAT 4 LAST\r\n");
my $made = sub { join('', map { $_[rand @_] } 0 .. rand 12) . "\r\n" };
is(is_the_same('whole lines', map { $made->(@pieces) } 1 .. 150), 0, 'none of them is refused');
my $refused = is_the_same('broken lines', map { $made->(@pieces, "\r", "\n", "\0", "\r\r\n") } 1 .. 150);
cmp_ok($refused, '>', 50, 'most of them are refused');
cmp_ok($refused, '<', 150, 'and some are not');
done_testing;
