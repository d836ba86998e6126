# Where chunks end does not matter: one message, cut in every way, is the same in each
# mailbox, with the same sizes in its name, and comes out of POP3 as it went in.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;

my $message = "A: b\r\n\r\n.\r\n..\r\nc\r\n.d\r\n";
my $length = length $message;
my $on_disk = $message =~ s/\r\n/\n/gr;

# Sends one message for each way to cut it, all in one session of one piece, to a new mail
# root; the replies have to be in step.
sub is_the_same {
	my ($name, $text, @cuts) = @_;
	my $root = new_root([ 'bob@example.com', 'secret' ]);
	my ($input, $replies) = ("EHLO client.example\r\n", '');
	for my $chunks (@cuts) {
		$input .= "MAIL FROM:<sender\@client.example>\r\nRCPT TO:<bob\@example.com>\r\n";
		$replies .= '250 2.1.0|250 2.1.5|';
		for (0 .. $#$chunks) {
			$input .= 'BDAT ' . length($chunks->[$_]) . ($_ == $#$chunks ? ' LAST' : '') . "\r\n$chunks->[$_]";
			$replies .= '250 2.0.0|';
		}
	}
	my ($output, $status) = run("${input}QUIT\r\n", [ program('smtp-stdio'), '-d', $root, '-m', 0 ]);
	$output =~ s/\A220 [^\n]*\n(?:250-[^\n]*\n)*250 [^\n]*\n//;
	is(join('', map { /^(\d\d\d \d\.\d+\.\d+) / ? "$1|" : "$_|" } split /\r\n/, $output), "${replies}221 2.0.0|", "$name: replies"); ## smtp-3030-2-a smtp-2920-3.2-b
	is($status, 0, "$name: status");
	my @paths = messages($root, 'bob@example.com');
	is(scalar @paths, scalar @cuts, "$name: a message each"); ## smtp-3030-2-a
	my @wrong;
	for (@paths) {
		my $stored = contents($_);
		my ($disk, $wire) = m{,S=(\d+),W=(\d+)\z};
		push @wrong, "$_: sizes" if $disk != length $stored || $wire != length crlf($stored);
		push @wrong, Program::visible($stored) if $stored !~ /;\n\t[^\n]*\n\Q$text\E\z/;
	}
	ok(!@wrong, "$name: each is the same, and of the size that its name tells") or diag join "\n", @wrong[0 .. ($#wrong > 9 ? 9 : $#wrong)]; ## smtp-3030-2-j smtp-stdio-store-a
	return $root;
}

# The pieces between these borders.
sub cut {
	my ($octets, @borders) = @_;
	my @ends = (@borders, length $octets);
	my $at = 0;
	return [ map { my $piece = substr $octets, $at, $_ - $at; $at = $_; $piece } @ends ];
}

my $root = is_the_same('two chunks', $on_disk, map { cut($message, $_) } 0 .. $length);
is_the_same('three chunks', $on_disk, map { my $first = $_; map { cut($message, $first, $_) } $first .. $length } 0 .. $length);
is_the_same('chunks of an octet', $on_disk, [ split //, $message ], [ split(//, $message), '' ], [ map { $_, '' } split //, $message ]);

my ($output) = run("USER bob\@example.com\r\nPASS secret\r\nRETR 1\r\nQUIT\r\n", [ program('pop3-stdio'), '-d', $root, '-p' ]);
my $stuffed = dot_stuffed($message);
like($output, qr/;\r\n\t[^\n]*\n\Q$stuffed\E\.\r\n\+OK[^\n]*\n\z/, 'dots of chunks are stuffed on their way out'); ## pop3-roundtrip smtp-3030-2-d pop3-1939-3-b

# The same where the last line lacks its end, whole or in part.
my $cut_off = substr $message, 0, -2;
is_the_same('no last line end', $on_disk, map { cut($cut_off, $_) } 0 .. length $cut_off); ## smtp-3030-2-k
is_the_same('a dot and no line end', ".\n", [ '.' ], [ '.', '' ], [ '', '.' ]); ## smtp-3030-2-k

# Around what is read and written at once.
my @big = map { my $line = $_; "Subject: big\r\n\r\n" . ('x' x $line . "\r\n") x (200000 / ($line + 2)) } 62, 4094, 199000;
for my $big (@big) {
	my ($line) = $big =~ /^(x+)/m;
	my @cuts;
	for my $size (4095, 4096, 4097, 8191, 8192, 8193, 16383, 16384, 16385, 32767, 32768, 65535, 65536, 65537) {
		push @cuts, cut($big, grep { $_ < length $big } map { $_ * $size } 1 .. length($big) / $size);
	}
	is_the_same(length($big) . " octets in lines of " . length($line), $big =~ s/\r\n/\n/gr, @cuts);
}

# No message of which an octet is missing, or of another size, is ever the same by chance.
for my $without (0 .. 3) {
	$root = new_root('bob@example.com');
	my $size = $length + $without;
	($output) = run("EHLO client.example\r\nMAIL FROM:<sender\@client.example>\r\nRCPT TO:<bob\@example.com>\r\nBDAT $size LAST\r\n$message"
	    . ($without ? '' : "QUIT\r\n"), [ program('smtp-stdio'), '-d', $root ]);
	is(scalar(messages($root, 'bob@example.com')), $without ? 0 : 1, "$without octets are missing"); ## smtp-3030-2-a smtp-5321-3.8-c
}

done_testing;
