# Where one read ends and the next begins must not matter.  What ends a message, what does
# not, and a dot that is taken away are put across every border that a buffer can have.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;

my $root = new_root('bob@example.com', 'alice@example.com');
my @borders = (512, 1024, 4096, 8192, 16384, 32768, 65536, 131072);

# A session whose message has $inside so that its first octet is the one of this number.
my $begin = "HELO client.example\r\nMAIL FROM:<sender\@client.example>\r\nRCPT TO:<bob\@example.com>\r\nDATA\r\n";
sub session {
	my ($place, $inside) = @_;
	my $length = $place - length $begin;
	my $text = ('x' x 62 . "\r\n") x ($length / 64) . 'y' x ($length % 64);
	return ($text, "$begin$text$inside" . "NOOP\r\nQUIT\r\n");
}

my ($wrong, $smuggled, $changed, $sessions) = (0, 0, 0, 0);
for my $border (@borders) {
	for my $before (-1 .. 6) {
		my $place = $border - $before;
		my ($text, $input) = session($place, "\r\n..a\r\n.b\r\n.\r\n");
		my ($output, $status) = run($input, [ program('smtp-stdio'), '-d', $root ], wire => 'socket');
		$sessions++;
		my $good = $status eq '0' && $output =~ /^354 [^\n]*\n250 2\.0\.0 OK id=[^\n]*\n250 2\.0\.0 [^\n]*\n221 /m;
		$good or $wrong++, diag "an end at $place: status $status, " . Program::visible($output);
		my @paths = messages($root, 'bob@example.com');
		$text =~ s/\r\n/\n/g;
		$changed++ unless @paths == 1 && substr(contents($paths[0]), -length($text) - 6) eq "$text\n.a\nb\n";
		unlink @paths;

		for my $vector ("\n.\r\n", "\r\n.\n", "\r\r\n.\r\r\n", "\r\n.\r", "\r.\r\n", "\r\n\0.\r\n", "\r\n.\0\r\n") {
			($text, $input) = session($place, "${vector}MAIL FROM:<evil\@client.example>\r\n"
			    . "RCPT TO:<alice\@example.com>\r\nDATA\r\nhidden\r\n.\r\n");
			($output, $status) = run($input, [ program('smtp-stdio'), '-d', $root ], wire => 'socket');
			$good = $status eq '0' && $output =~ /^354 [^\n]*\n550 5\.6\.0 [^\n]*\n250 2\.0\.0 [^\n]*\n221 /m;
			$good or $smuggled++, diag Program::visible($vector) . " at $place: status $status, "
			    . Program::visible($output);
		}
	}
}
is($wrong, 0, "an end and what follows it, at $sessions places"); ## smtp-5321-4.1.1.4-c smtp-smug-g
is($changed, 0, 'dots across borders come out right'); ## smtp-5321-4.5.2-a smtp-smug-h
is($smuggled, 0, 'what is no end is none across a border'); ## smtp-5321-4.1.1.4-c smtp-smug-a smtp-smug-b smtp-smug-c smtp-smug-d smtp-smug-e smtp-smug-f
is(scalar(messages($root, 'bob@example.com')) + scalar(messages($root, 'alice@example.com')), 0, 'and nothing of it is delivered'); ## smtp-smug-a smtp-smug-b smtp-smug-c smtp-smug-d

# Command lines at the border of the buffer, in one piece with many others before them.
my $output;
my $noops = join '', map { 'NOOP ' . 'x' x ($_ % 97) . "\r\n" } 1 .. 5000;
($output) = run("HELO client.example\r\n${noops}QUIT\r\n", [ program('smtp-stdio'), '-d', $root ], wire => 'socket');
is(() = $output =~ /^250 2\.0\.0 [^\n]*\r\n/mg, 5000, 'each of five thousand commands in one piece has its reply'); ## smtp-2920-3.1-a smtp-5321-4.2-e

done_testing;
