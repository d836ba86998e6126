# What the tests of pop3-fetch share: the program with its output, and servers that break
# every rule, which are no programs of ours.
package FakePop3;

use strict;
use warnings;
use Data::Dumper;
use Exporter qw(import);
use MailRoot qw(contents program run);
use MailTest ();

our @EXPORT = qw(fetch fake $CLOSE $HANG files_in);

# Answers of a fake server that are none
our $CLOSE = '<close>';         # it closes the connection
our $HANG = '<hang>';           # it says nothing any more

# Runs pop3-fetch.  Returns its status, its output and what it said on standard error.
sub fetch {
	my ($arguments, %with) = @_;
	my ($output, $status, $errors) = MailTest::with_errors('', [ program('pop3-fetch'), @$arguments ],
	    limit => 60, %with);
	return ($status, $output, $errors);
}

my $play = <<'END';
$SIG{PIPE} = 'DEFAULT';
binmode STDIN;
binmode STDOUT;
$| = 1;
sub say_it {
	my ($answer) = @_;
	exit 0 if $answer eq '<close>';
	if ($answer eq '<hang>') {
		1 while sysread STDIN, my $octets, 4096;
		exit 0;
	}
	if ($answer =~ s/<endless>(.*)\z//s) {
		my $more = $1;
		print $answer;
		print $more x 100 while 1;
	}
	if ($answer =~ s/<drip>(.*)\z//s) {
		my $more = $1;
		print $answer;
		print $more and select undef, undef, undef, 0.1 while 1;        # what is slow: not a wait for anything
	}
	if ($answer =~ s/<close>\z//) {
		print $answer;
		exit 0;
	}
	print $answer;
}
say_it($answers->{greeting});
while (my $line = <STDIN>) {
	$line =~ s/\r?\n\z//;
	print $log "$line\n";
	my ($verb) = $line =~ /^(\S*)/;
	my $answer = $answers->{$line} // $answers->{$verb} // "-ERR What?\r\n";
	say_it(ref $answer ? shift @$answer // "-ERR No more\r\n" : $answer);
	last if $verb eq 'QUIT';
}
END

# Makes a server that answers commands as told, by the whole command or by its verb, and all
# others as a server with these messages does: fake([ "Subject: 1\r\n" ], 'DELE 1' => "-ERR\r\n").
# An answer that is a list has one for each time.  Returns the command that it is, and the
# path of what was said to it.
sub fake {
	my ($messages, %with) = @_;
	my $file = MailTest::new_file('server');
	my $number = 0;
	my %answers = (
		greeting => "+OK Hello\r\n", USER => "+OK\r\n", PASS => "+OK\r\n", QUIT => "+OK\r\n", DELE => "+OK\r\n",
		CAPA => "+OK\r\nTOP\r\nUIDL\r\nPIPELINING\r\n.\r\n",
		LIST => "+OK\r\n" . join('', map { ++$number . ' ' . length($_) . "\r\n" } @$messages) . ".\r\n",
	);
	$number = 0;
	$answers{UIDL} = "+OK\r\n" . join('', map { ++$number . " id-$number\r\n" } @$messages) . ".\r\n";
	$answers{$_} = "-ERR No such message\r\n" for map { ("LIST $_", "RETR $_", "DELE $_", "TOP $_ 0") } $number + 1 .. $number + 10;
	$number = 0;
	for my $message (@$messages) {
		$number++;
		my ($header) = $message =~ /\A(.*?\r\n)\r\n/s;
		my $top = ($header // $message) . "\r\n";
		s/(?:\A|(?<=\r\n))\./../g for my ($stuffed, $stuffed_top) = ($message, $top);
		$answers{"LIST $number"} = "+OK $number " . length($message) . "\r\n";
		$answers{"TOP $number 0"} = "+OK\r\n$stuffed_top.\r\n";
		$answers{"RETR $number"} = "+OK\r\n$stuffed.\r\n";
	}
	%answers = (%answers, %with);
	open my $handle, '>:raw', $file or die "$file: $!\n";
	local $Data::Dumper::Terse = 1;
	local $Data::Dumper::Useqq = 1;
	print $handle 'my $answers = ', Dumper(\%answers), ";\nopen my \$log, '>>', '$file.log' or die;\n\$log->autoflush;\n",
	    "use IO::Handle;\n", $play;
	close $handle or die "$file: $!\n";
	return ([ '--', $^X, $file ], "$file.log");
}

# The files below a directory that are messages, and what is in them, by name.
sub files_in {
	my ($directory) = @_;
	my %files;
	for my $at ($directory, "$directory/new") {
		opendir my $listing, $at or next;
		$files{$_} = contents("$at/$_") for grep { !/^\./ && -f "$at/$_" } readdir $listing;
	}
	return %files;
}

1;
